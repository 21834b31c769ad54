"""Forgetting: what is too old, what one reader did, and what anybody did with articles that go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import config, db
from stonehand.accounts.models import User
from stonehand.db import Session
from stonehand.reading.models import (
    ArticleLevel,
    ArticleNeighbours,
    Assessment,
    Digest,
    ReaderLess,
    ReaderProfile,
    Reading,
    ReadingCount,
    ReadingEvent,
    Recommendations,
)
from stonehand.reading.states import Less

CHUNK = 1000  # rows that go in one transaction
STALE = timedelta(days=3)  # of recommendations: whoever comes back then is recommended anew
PERSONAL: tuple[Any, ...] = (ReadingEvent, Reading, ReaderProfile, ReaderLess, Assessment, Recommendations)
OF_ARTICLES: tuple[Any, ...] = (ReadingEvent, Reading, ReadingCount, ArticleLevel, ArticleNeighbours)
Opened = Callable[[], AbstractContextManager[Session]]


def tidy(opened: Opened) -> dict[str, int]:
    """Delete stale recommendations and events that are too old, some at a time. Returns how many."""
    with opened() as session:
        moment = db.now(session)
    edge = moment - timedelta(days=config.settings().reading_days)
    return {
        "recommendations": _all(opened, Recommendations, Recommendations.made_at < moment - STALE),
        "events": _all(opened, ReadingEvent, ReadingEvent.at < edge),
    }


def _all(opened: Opened, table: Any, condition: sa.ColumnElement[bool]) -> int:
    keys, total = list(sa.inspect(table).primary_key), 0
    while True:
        with opened() as session:
            some = session.execute(sa.select(*keys).where(condition).limit(CHUNK)).all()
            wanted = sa.tuple_(*keys).in_([tuple(row) for row in some])
            if some:
                session.execute(sa.delete(table).where(wanted))
        total += len(some)
        if len(some) < CHUNK:
            return total


def reader(session: Session, user_id: str) -> int:
    """Forget everything that a reader did and said. What was counted of all readers together stays. Returns how many
    rows went."""
    total = 0
    for table in PERSONAL:
        total += len(session.scalars(sa.delete(table).where(table.user_id == user_id).returning(table.user_id)).all())
    return total


def readers_called(session: Session, name: str) -> list[str]:
    """The ids of users with this address or this very name: of whom `forget person` speaks."""
    folded = " ".join(name.split()).casefold()
    found = session.execute(sa.select(User.id, User.email, User.name)).all()
    return [id_ for id_, email, called in found if folded in (email.casefold(), " ".join(called.split()).casefold())]


def articles(session: Session, article_ids: Sequence[str]) -> None:
    """Forget what anybody did with these articles, and where they were recommended or told of."""
    for table in OF_ARTICLES:
        session.execute(sa.delete(table).where(table.article_id.in_(article_ids)))
    named = ReaderLess.kind.in_((Less.ARTICLE, Less.BECAUSE)), ReaderLess.value.in_(article_ids)
    session.execute(sa.delete(ReaderLess).where(*named))
    _strike(session, set(article_ids))


def _strike(session: Session, gone: set[str]) -> None:
    """Take articles out of the digests that name them. Lists of recommendations leave out what is not here."""
    for digest in session.scalars(sa.select(Digest).order_by(Digest.id.desc()).limit(CHUNK)):
        if any(gone & set(each["article_ids"]) for each in digest.sections):
            left = [
                each | {"article_ids": [id_ for id_ in each["article_ids"] if id_ not in gone]}
                for each in digest.sections
            ]
            digest.sections = [each for each in left if each["article_ids"]]
