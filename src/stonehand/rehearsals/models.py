"""Tables of rehearsals: a prompt that was tried once, or replayed over the stories of the last 30 days."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id

TRY, REPLAY = "try", "replay"
WAITING, RUNNING, DONE, CAPPED, FAILED = "waiting", "running", "done", "capped", "failed"


class Rehearsal(Base):
    """A template as it was when it was tried, perhaps beside another one. Amounts are millionths."""

    __tablename__ = "rehearsals"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('try', 'replay')", name="kind_known"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'capped', 'failed')", name="state_known"),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    prompt_id: Mapped[str] = mapped_column(index=True)
    prompt: Mapped[str]
    """Its name and version, such as `news-piece@2`; `news-piece, not saved` if it was typed only."""
    purpose: Mapped[str]
    template: Mapped[str]
    against: Mapped[str]
    """The name and version of the one beside it; empty if that is the text as it was written."""
    against_template: Mapped[str]
    instructions: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default=WAITING)
    most: Mapped[int]
    cap_micro: Mapped[int] = mapped_column(sa.BigInteger)
    spent_micro: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    """Of how many stories the new text was written."""
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str]
    user_id: Mapped[str]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class RehearsalItem(Base):
    """One story of it: what there was, what there is now. Never a draft."""

    __tablename__ = "rehearsal_items"

    rehearsal_id: Mapped[str] = mapped_column(sa.ForeignKey("rehearsals.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    story_id: Mapped[str] = mapped_column(default="")
    draft_id: Mapped[str] = mapped_column(default="")
    article_id: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    old: Mapped[dict[str, Any] | None]
    new: Mapped[dict[str, Any] | None]
    error: Mapped[str] = mapped_column(default="")

    @property
    def is_left(self) -> bool:
        """Whether it was neither written nor refused: its turn has not come, or it came and nothing could be asked."""
        return self.new is None and not self.error
