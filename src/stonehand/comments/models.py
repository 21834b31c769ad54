"""Tables of comment processes, of the articles they found, and of the comments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.comments.states import CommentState, ProcessState
from stonehand.db import Base, Mapped, mapped_column, new_id

_PROCESS_STATES = ", ".join(repr(state.value) for state in ProcessState)
_COMMENT_STATES = ", ".join(repr(state.value) for state in CommentState)


class CommentProcess(Base):
    """What to look for at a platform, as whom to comment, by which prompts and model, and for how long.

    Only one with `auto_reason` lets comments go without a person; it says why, who decided it, how many a day, and
    until when. `trouble` is why it could not look; that never counts as having found nothing.
    """

    __tablename__ = "comment_processes"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_PROCESS_STATES})", name="state_known"),
        sa.Index("ix_comment_processes_state", "state", "next_look_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default="")
    platform_id: Mapped[str] = mapped_column(sa.ForeignKey("platforms.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[str | None]
    """Whose models may be asked and whose budget pays; None for a program's."""
    model_id: Mapped[str] = mapped_column(default="", server_default="")
    """The configured model to ask first; empty for the usual order."""
    generate_only: Mapped[bool] = mapped_column(default=True)
    is_hidden: Mapped[bool] = mapped_column(default=False)
    looks_once: Mapped[bool] = mapped_column(default=False)
    tab: Mapped[str] = mapped_column(default="", server_default="")
    category: Mapped[str] = mapped_column(default="", server_default="")
    task: Mapped[str] = mapped_column(default="", server_default="")
    search: Mapped[str] = mapped_column(default="", server_default="")
    most_articles: Mapped[int] = mapped_column(default=20, server_default="20")
    """Of one look, for each login."""
    max_duration_minutes: Mapped[int] = mapped_column(default=180, server_default="180")
    auto_reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    auto_by: Mapped[str] = mapped_column(default="", server_default="")
    auto_per_day: Mapped[int] = mapped_column(default=0, server_default="0")
    auto_until: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(default=ProcessState.CREATED)
    reason: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """Why it is in this state, in words; empty if that is plain."""
    trouble: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    trouble_streak: Mapped[int] = mapped_column(default=0, server_default="0")
    empty_streak: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many looks in a row found nothing new."""
    looks: Mapped[int] = mapped_column(default=0, server_default="0")
    empty_looks: Mapped[int] = mapped_column(default=0, server_default="0")
    next_look_at: Mapped[datetime | None]
    discovery_job_id: Mapped[str | None]
    preparation_job_id: Mapped[str | None]
    generation_job_id: Mapped[str | None]
    posting_job_id: Mapped[str | None]
    started_at: Mapped[datetime | None]
    first_written_at: Mapped[datetime | None]
    """When its first comment since the start was begun to be written."""
    ended_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime | None]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]
    """Since when nobody is shown it. Its comments stay on record."""


class ProcessLogin(Base):
    """A login that a process comments as."""

    __tablename__ = "comment_process_logins"

    process_id: Mapped[str] = mapped_column(sa.ForeignKey("comment_processes.id", ondelete="CASCADE"), primary_key=True)
    login_id: Mapped[str] = mapped_column(
        sa.ForeignKey("platform_logins.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class ProcessPrompt(Base):
    """A prompt that a process writes by: the id of a row of `prompts`, or the slug of a built-in one."""

    __tablename__ = "comment_process_prompts"

    process_id: Mapped[str] = mapped_column(sa.ForeignKey("comment_processes.id", ondelete="CASCADE"), primary_key=True)
    prompt_key: Mapped[str] = mapped_column(primary_key=True)


class FoundArticle(Base):
    """An article of a platform, as it was when it was read last; processes and logins share it."""

    __tablename__ = "comment_articles"
    __table_args__ = (sa.UniqueConstraint("platform_id", "remote_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(sa.ForeignKey("platforms.id", ondelete="CASCADE"))
    remote_id: Mapped[str]
    url: Mapped[str]
    title: Mapped[str]
    author: Mapped[str] = mapped_column(default="", server_default="")
    category: Mapped[str] = mapped_column(default="", server_default="")
    task: Mapped[str] = mapped_column(default="", server_default="")
    text: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    html: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """Untrusted; without scripts."""
    published_at: Mapped[datetime | None]
    edited_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    """None until somebody has read it."""
    found_at: Mapped[datetime]


class Comment(Base):
    """One comment: an article, a login and a prompt of a process. There is never a second row for these.

    `approved_sha256` is of the text that was approved, as which login, under which article, hidden or not; only that
    is sent.
    """

    __tablename__ = "comments"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_COMMENT_STATES})", name="state_known"),
        sa.UniqueConstraint(
            "process_id", "article_id", "login_id", "prompt_key", name="uq_comments_process_article_login_prompt"
        ),
        sa.Index("ix_comments_process_id_state", "process_id", "state"),
        sa.Index("ix_comments_state_updated_at", "state", "updated_at"),
        sa.Index("ix_comments_login_id_begun_at", "login_id", "begun_at"),
        sa.Index("ix_comments_article_id", "article_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    process_id: Mapped[str] = mapped_column(sa.ForeignKey("comment_processes.id", ondelete="CASCADE"))
    article_id: Mapped[str] = mapped_column(sa.ForeignKey("comment_articles.id", ondelete="CASCADE"))
    login_id: Mapped[str]
    """Not a foreign key: what was said stays on record when its login is removed."""
    login_name: Mapped[str]
    prompt_key: Mapped[str]
    state: Mapped[str] = mapped_column(default=CommentState.DISCOVERED)
    html: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """As the site gets it: paragraphs with `strong`, `em` and `br`, the disclosure first."""
    language: Mapped[str] = mapped_column(default="", server_default="")
    reasoning: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """What the model said of its reasons; never sent."""
    warnings: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    writer: Mapped[str] = mapped_column(default="", server_default="")
    """`model` or `person`."""
    model: Mapped[str] = mapped_column(default="", server_default="")
    prompt_label: Mapped[str] = mapped_column(default="", server_default="")
    """Name and version of the prompt that wrote it."""
    cost_micro: Mapped[int] = mapped_column(sa.BigInteger, default=0, server_default="0")
    input_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    output_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    is_hidden: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    failed_at_stage: Mapped[str] = mapped_column(default="", server_default="")
    job_id: Mapped[str | None]
    """The job that took it up last."""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    approved_by: Mapped[str] = mapped_column(default="", server_default="")
    """A person, or `policy: ` and who made it."""
    approved_at: Mapped[datetime | None]
    approved_sha256: Mapped[str] = mapped_column(default="", server_default="")
    decision_note: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    begun_at: Mapped[datetime | None]
    """When sending began; caps count by it."""
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What its sending has written down on the way."""
    doubt_since: Mapped[datetime | None]
    remote_id: Mapped[str] = mapped_column(default="", server_default="")
    remote_url: Mapped[str] = mapped_column(default="", server_default="")
    remote_text: Mapped[str] = mapped_column(sa.Text, default="", server_default="")
    """What was read back."""
    is_pending_there: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    """A moderator of the site has yet to let it through."""
    posted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CommentOptOut(Base):
    """Somebody who wants no comments of ours: an author of a platform, or with no author the whole site."""

    __tablename__ = "comment_opt_outs"
    __table_args__ = (sa.UniqueConstraint("platform_id", "author_key"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(sa.ForeignKey("platforms.id", ondelete="CASCADE"))
    author: Mapped[str] = mapped_column(default="", server_default="")
    author_key: Mapped[str] = mapped_column(default="", server_default="")
    """The name without case and spare spaces, to compare by."""
    reason: Mapped[str] = mapped_column(default="", server_default="")
    created_by: Mapped[str]
    created_at: Mapped[datetime]
