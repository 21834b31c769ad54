"""The states of a publication, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class PublicationState(StrEnum):
    """Where a publication is on its way out."""

    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    """Its delivery has begun and may have arrived, also if nobody works on it now."""
    PUBLISHED = "published"
    FAILED = "failed"
    """The last try did not arrive; `error` says why. It may be tried again under the same key."""
    NEEDS_RECONCILE = "needs_reconcile"
    """It may have arrived, and only a person can tell."""
    RETRACTING = "retracting"
    """It is being taken back; until that is done it may still be seen."""
    RETRACTED = "retracted"


class ChangeState(StrEnum):
    """Where a correction or a retraction is on its way to a channel."""

    WAITING = "waiting"
    DOING = "doing"
    """It has begun and may have happened, also if nobody works on it now."""
    DONE = "done"
    FAILED = "failed"
    """The last try did not arrive; `error` says why."""
    NEEDS_RECONCILE = "needs_reconcile"
    """It may have happened, and only a person can tell."""
    REPLACED = "replaced"
    """A later one took its place before it began."""


UNDONE = (ChangeState.WAITING, ChangeState.DOING, ChangeState.FAILED)
"""The states in which a change may begin: repeating it says the same thing again."""
WAITING = (PublicationState.SCHEDULED, PublicationState.PUBLISHING, PublicationState.FAILED)
"""The states in which a delivery may begin. It repeats the same key, so a target never shows the piece twice."""
