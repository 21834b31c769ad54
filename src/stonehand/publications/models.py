"""Tables of publications, of their corrections and retractions, and of the pages they cite."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id
from stonehand.publications.states import ChangeState, PublicationState

_STATES = ", ".join(repr(state.value) for state in PublicationState)
_CHANGES = ", ".join(repr(state.value) for state in ChangeState)


class Publication(Base):
    """One version of a text on one channel: `key` is made of both, so there is never a second row for them."""

    __tablename__ = "publications"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),
        sa.UniqueConstraint("channel_id", "key"),
        sa.Index("ix_publications_state_due_at", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    review_id: Mapped[str] = mapped_column(index=True)
    draft_id: Mapped[str] = mapped_column(index=True)
    revision_id: Mapped[str]
    channel_id: Mapped[str]
    """Not a foreign key: what was published stays on record when its channel is removed."""
    channel_name: Mapped[str]
    key: Mapped[str]
    content_sha256: Mapped[str]
    title: Mapped[str]
    state: Mapped[str] = mapped_column(default=PublicationState.SCHEDULED)
    due_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    url: Mapped[str | None]
    remote_id: Mapped[str | None]
    error: Mapped[str | None]
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    """What its deliveries have written down on the way, such as the target's number of a hidden draft."""
    doubt_since: Mapped[datetime | None]
    """Since when nobody can tell whether it arrived."""
    attempts: Mapped[int] = mapped_column(default=0)
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    corrected_at: Mapped[datetime | None]
    retracted_at: Mapped[datetime | None]
    retraction: Mapped[str] = mapped_column(default="", server_default="")
    """Why it was taken back."""

    @property
    def said(self) -> list[str]:
        """What its channel left out, in words."""
        return [str(each) for each in self.notes.get("said", ())]


class PublicationChange(Base):
    """A correction or a retraction on its way to where a piece can be seen.

    It is sent under the key of its publication, begins under its job's fence, and is repeated until it is known.
    """

    __tablename__ = "publication_changes"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('correction', 'retraction')", name="kind_known"),
        sa.CheckConstraint(f"state IN ({_CHANGES})", name="state_known"),
        sa.UniqueConstraint("publication_id", "review_id", name="uq_publication_changes_publication_id_review_id"),
        sa.Index("ix_publication_changes_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    publication_id: Mapped[str] = mapped_column(sa.ForeignKey("publications.id", ondelete="CASCADE"))
    kind: Mapped[str]
    review_id: Mapped[str | None]
    """The review that let the corrected text go; None for a retraction."""
    state: Mapped[str] = mapped_column(default=ChangeState.WAITING)
    reason: Mapped[str]
    asked_by: Mapped[str]
    error: Mapped[str | None]
    notes: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    doubt_since: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class CitedPage(Base):
    """An article that something published rests on, looked at again now and then whether it still says so."""

    __tablename__ = "cited_pages"

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    looks: Mapped[int] = mapped_column(default=0)
    """How often it was fetched again."""
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it is fetched next; None after the last time."""
    seen_version: Mapped[int]
    """The version of the article that was compared last."""
    trouble: Mapped[str] = mapped_column(default="")
    """`changed` if words that we cite are no longer there, `gone` if the page is, empty if neither."""
    trouble_since: Mapped[datetime | None]
    settled_by: Mapped[str | None]
    """Who has said of the present trouble that nothing is to be done."""
    settled_as: Mapped[str] = mapped_column(default="")
    """Of which trouble and version: `changed:3`, `gone`."""
    first_at: Mapped[datetime]
