"""The table of letters: one for each digest and reader."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column


class MailState(StrEnum):
    """Where a letter is."""

    WAITING = "waiting"
    SENDING = "sending"
    """The mail server may have it. A letter that is found so, by whoever comes next, is not sent again."""
    SENT = "sent"
    FAILED = "failed"
    UNCLEAR = "unclear"
    """Only a person can say whether it arrived."""
    ENDED = "ended"
    """The reader no longer wanted it."""


_STATES = ", ".join(repr(state.value) for state in MailState)


class DigestMail(Base):
    """A digest on its way to a reader. There is never a second one for the same two."""

    __tablename__ = "digest_mails"
    __table_args__ = (sa.CheckConstraint(f"state IN ({_STATES})", name="state_known"),)

    digest_id: Mapped[str] = mapped_column(sa.ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    review_id: Mapped[str]
    state: Mapped[str]
    error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
