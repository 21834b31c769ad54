"""The states of a process and of a comment, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class ProcessState(StrEnum):
    """Whether a process works."""

    CREATED = "created"
    RUNNING = "running"
    STOPPING = "stopping"
    """It was told to stop; a stage still works, and will not begin anything new."""
    STOPPED = "stopped"
    COMPLETED = "completed"
    """It was to look once, and every comment has come to its end."""
    FAILED = "failed"
    """It could not go on; `reason` says why."""
    TIMED_OUT = "timed_out"


class CommentState(StrEnum):
    """Where a comment is on its way to the site."""

    DISCOVERED = "discovered"
    PREPARED = "prepared"
    """The article was read."""
    GENERATED = "generated"
    """The text is there and waits for a person."""
    APPROVED = "approved"
    POSTING = "posting"
    """Sending has begun and may have arrived, also if nobody works on it now."""
    POSTED = "posted"
    """It was read back from the article's page, or the site said that it waits for a moderator."""
    FAILED = "failed"
    """`error` says why, `failed_at_stage` where; it can be tried again from there."""
    NEEDS_RECONCILE = "needs_reconcile"
    """It may have arrived, and only a person can tell."""
    SKIPPED = "skipped"
    """Not wanted any more: the author or the site has opted out, or the article is gone."""
    REJECTED = "rejected"
    DELETED = "deleted"


class Stage(StrEnum):
    """The four stages, in their order."""

    DISCOVERY = "discovery"
    PREPARATION = "preparation"
    GENERATION = "generation"
    POSTING = "posting"


STARTABLE = (
    ProcessState.CREATED,
    ProcessState.STOPPED,
    ProcessState.COMPLETED,
    ProcessState.FAILED,
    ProcessState.TIMED_OUT,
)
AT_WORK = (ProcessState.RUNNING, ProcessState.STOPPING)
OPEN = (CommentState.DISCOVERED, CommentState.PREPARED, CommentState.APPROVED, CommentState.POSTING)
EDITABLE = (CommentState.GENERATED, CommentState.APPROVED, CommentState.REJECTED, CommentState.FAILED)
"""Another text takes an approval back. One that has begun to be sent is never edited."""
