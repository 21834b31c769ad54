"""Reads of letters that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from stonehand.db import Session
from stonehand.sources.letters.models import Letter, LetterItem
from stonehand.sources.models import Entry, EntryState


@dataclass(frozen=True)
class Fate:
    """What became of one thing that a letter named.

    `state` is that of its entry; `left` if it became none, `known` if another source had named it and it is not here.
    """

    letter_id: str
    kind: str
    title: str
    url: str | None
    entry_id: str | None
    is_new: bool
    state: str
    error: str | None
    article_id: str | None

    @property
    def is_settled(self) -> bool:
        """Whether nothing more will become of it for now."""
        return self.state != EntryState.NEW


@dataclass(frozen=True)
class Raw:
    """A letter's bytes as they are kept."""

    identity: str
    packed: bytes
    size: int


def listing(
    session: Session, limit: int = 50, before: str | None = None, state: str = "", source_id: str = ""
) -> Sequence[Letter]:
    """Letters, the newest first; `before` is the id of the last one seen."""
    query = sa.select(Letter).order_by(Letter.id.desc()).limit(limit)
    query = query.where(Letter.state == state) if state else query
    query = query.where(Letter.source_id == source_id) if source_id else query
    return session.scalars(query.where(Letter.id < before) if before else query).all()


def known(session: Session, identities: Collection[str]) -> set[str]:
    """Which of these letters are here already."""
    return set(session.scalars(sa.select(Letter.identity).where(Letter.identity.in_(identities))))


def counts(session: Session) -> dict[str, int]:
    """How many letters are in each state; empty states are left out."""
    return dict(session.execute(sa.select(Letter.state, sa.func.count()).group_by(Letter.state)).all())


def by_ids(session: Session, ids: Collection[str]) -> Sequence[Letter]:
    """Those of these letters that are here."""
    return session.scalars(sa.select(Letter).where(Letter.id.in_(ids)).order_by(Letter.id)).all()


def raw(session: Session, letter_id: str) -> Raw | None:
    """The bytes of a letter; None if it is gone, or if it is too old to be kept."""
    letter = session.scalars(
        sa.select(Letter).where(Letter.id == letter_id).options(undefer(Letter.packed))
    ).one_or_none()
    return Raw(letter.identity, letter.packed, letter.size) if letter and letter.packed else None


def fates(session: Session, letter_ids: Collection[str]) -> list[Fate]:
    """What became of all that these letters named, in the letters' order."""
    joined = sa.select(LetterItem, Entry).outerjoin(Entry, Entry.id == LetterItem.entry_id)
    rows = session.execute(
        joined.where(LetterItem.letter_id.in_(letter_ids)).order_by(LetterItem.letter_id, LetterItem.id)
    )
    return [_fate(item, found) for item, found in rows]


def _fate(item: LetterItem, found: Entry | None) -> Fate:
    return Fate(
        letter_id=item.letter_id,
        kind=item.kind,
        title=item.title,
        url=item.url,
        entry_id=item.entry_id,
        is_new=item.is_new,
        state=found.state if found else "left" if item.error else "gone",
        error=item.error or (found.error if found else "its entry was removed with its source"),
        article_id=found.article_id if found else None,
    )


def named(session: Session, letter_ids: Collection[str]) -> dict[str, int]:
    """How many things each of these letters named."""
    query = sa.select(LetterItem.letter_id, sa.func.count()).where(LetterItem.letter_id.in_(letter_ids))
    return dict(session.execute(query.group_by(LetterItem.letter_id)).all())


def last_read_at(session: Session, letter_ids: Collection[str]) -> datetime | None:
    """When the last of these letters was read."""
    found: datetime | None = session.scalar(sa.select(sa.func.max(Letter.read_at)).where(Letter.id.in_(letter_ids)))
    return found
