"""Tables of drafts, their revisions, and the citation of every sentence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id
from stonehand.drafts.states import OPEN, DraftState

IS_OPEN = sa.text(f"state IN ({', '.join(repr(state.value) for state in OPEN)}) AND story_id <> ''")
_STATES = ", ".join(repr(state.value) for state in DraftState)


class Draft(Base):
    """A piece for a story, for a digest, or for chosen articles.

    A story has one open draft at most, and a digest one draft.
    """

    __tablename__ = "drafts"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.Index("uq_drafts_open_story_id", "story_id", unique=True, sqlite_where=IS_OPEN, postgresql_where=IS_OPEN),
        sa.Index("uq_drafts_digest_id", "digest_id", unique=True),
        sa.Index("ix_drafts_state_created_at", "state", "created_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    story_id: Mapped[str] = mapped_column(index=True)
    """Empty if it is about a digest or about chosen articles."""
    digest_id: Mapped[str | None]
    article_ids: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """The chosen articles, if it is about neither story nor digest."""
    agent_id: Mapped[str | None] = mapped_column(index=True)
    instructions: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What `pieces.Instructions` holds and is not its default."""
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default=DraftState.COMMISSIONED)
    current_revision_id: Mapped[str | None]
    writer: Mapped[str | None]
    """Who wrote the first revision: `offline` or `model`."""
    note: Mapped[str] = mapped_column(default="")
    correction: Mapped[str] = mapped_column(default="", server_default="")
    """What the correction that is being reviewed will say to readers."""
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Revision(Base):
    """One version of a draft's text, which never changes. Offsets of citations count characters of `markdown`."""

    __tablename__ = "revisions"
    __table_args__ = (sa.UniqueConstraint("draft_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    draft_id: Mapped[str] = mapped_column(sa.ForeignKey("drafts.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str]
    slug: Mapped[str]
    excerpt: Mapped[str]
    meta_title: Mapped[str] = mapped_column(default="", server_default="")
    meta_description: Mapped[str] = mapped_column(default="", server_default="")
    keywords: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    image_url: Mapped[str] = mapped_column(default="", server_default="")
    """Where its picture is; we keep no copy of it."""
    image_alt: Mapped[str] = mapped_column(default="", server_default="")
    categories: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    markdown: Mapped[str]
    language: Mapped[str]
    label: Mapped[str]
    content_sha256: Mapped[str]
    writer: Mapped[str]
    """`offline`, `model` or `person`."""
    model: Mapped[str | None]
    prompt_version: Mapped[str | None]
    provenance: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """Of a text that a model wrote, or was asked for: prompt, rules, instructions, articles, rounds, tokens."""
    cost_micro: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    input_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    output_tokens: Mapped[int] = mapped_column(default=0, server_default="0")
    notes: Mapped[str] = mapped_column(default="")
    sources: Mapped[list[str]]
    """Ids of the articles, in the order of their numbers in the text."""
    warnings: Mapped[list[Any]]
    """`{"kind": ..., "text": ...}` for the reviewer."""
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class Citation(Base):
    """A sentence of a revision and the words of a source that it rests on."""

    __tablename__ = "citations"
    __table_args__ = (
        sa.UniqueConstraint("revision_id", "position"),
        sa.CheckConstraint("kind IN ('verbatim', 'supported', 'unsupported')", name="kind_known"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    revision_id: Mapped[str] = mapped_column(sa.ForeignKey("revisions.id", ondelete="CASCADE"))
    position: Mapped[int]
    sentence_start: Mapped[int]
    sentence_end: Mapped[int]
    article_id: Mapped[str | None] = mapped_column(index=True)
    source_start: Mapped[int | None]
    source_end: Mapped[int | None]
    quote: Mapped[str]
    cosine: Mapped[float | None]
    kind: Mapped[str]
