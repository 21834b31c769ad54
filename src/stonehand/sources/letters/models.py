"""Tables of letters and of what they named."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class LetterState(StrEnum):
    """How far a letter has come. `unreadable`: the reason is kept in `error`."""

    NEW = "new"
    READ = "read"
    UNREADABLE = "unreadable"


class ItemKind(StrEnum):
    """What a letter names: the address of a page, its own text, or something attached."""

    LINK = "link"
    TEXT = "text"
    ATTACHMENT = "attachment"


def _known(column: str, words: type[StrEnum]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(str(word)) for word in words)})", name=f"{column}_known")


class Letter(Base):
    """One letter, kept once however often and by whatever way it comes. `packed` are its raw bytes, compressed."""

    __tablename__ = "letters"
    __table_args__ = (_known("state", LetterState),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[str] = mapped_column(sa.ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    identity: Mapped[str] = mapped_column(unique=True)
    """A digest of its Message-ID and its content, without what the servers on its way added."""
    message_id: Mapped[str | None] = mapped_column(index=True)
    packed: Mapped[bytes] = mapped_column(deferred=True)
    """Empty once the letter is old: what was read of it stays, the letter itself is gone."""
    size: Mapped[int]
    way: Mapped[str]
    """How it came: `upload`, `webhook`, `imap`."""
    sender: Mapped[str] = mapped_column(default="")
    subject: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=LetterState.NEW)
    tries: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    notes: Mapped[list[str]] = mapped_column(default=list)
    """What was amiss, or left out, in words for people."""
    read_at: Mapped[datetime | None]


class LetterItem(Base):
    """One thing that a letter named, and the entry that it is. `error` says why it is none."""

    __tablename__ = "letter_items"
    __table_args__ = (_known("kind", ItemKind),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    letter_id: Mapped[str] = mapped_column(sa.ForeignKey("letters.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    entry_id: Mapped[str | None] = mapped_column(sa.ForeignKey("entries.id", ondelete="SET NULL"), index=True)
    is_new: Mapped[bool] = mapped_column(default=False)
    """False if some source had named it before."""
    error: Mapped[str | None]


class LetterProof(Base):
    """A signature that does not cover the letter it came with, and the letter for which it was shown."""

    __tablename__ = "letter_proofs"

    proof: Mapped[str] = mapped_column(primary_key=True)
    identity: Mapped[str]
    seen_at: Mapped[datetime] = mapped_column(index=True)
