"""What is known of each reader, as ranking takes it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from stonehand import db
from stonehand.accounts.models import User
from stonehand.db import Session
from stonehand.reading.catalogue import Opened
from stonehand.reading.levels import Scores
from stonehand.reading.models import Assessment, ReaderLess, ReaderProfile, Reading
from stonehand.reading.ranking import marks
from stonehand.reading.ranking.marks import Marks
from stonehand.reading.states import Less

DAYS = 365  # of a reader's past that count
MOST = 200  # articles of a reader's past, the latest
TOGETHER = 64  # readers who are read in one transaction
PAGE = 200  # of all readers, who are read in one transaction
BETWEEN = ","


@dataclass
class Past:
    """One reader: the articles they know (latest first) with what speaks for each, and what they say of themselves."""

    user_id: str
    known: list[tuple[str, float]] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    languages: frozenset[str] = frozenset()
    less: dict[Less, set[str]] = field(default_factory=lambda: defaultdict(set))
    scores: Scores | None = None


def read(opened: Opened, user_ids: Sequence[str]) -> dict[str, Past]:
    """The pasts of those of these readers who may come in."""
    found: dict[str, Past] = {}
    for first in range(0, len(user_ids), TOGETHER):
        some = user_ids[first : first + TOGETHER]
        with opened() as session:
            active = sa.select(User.id).where(User.id.in_(some), User.is_active)
            pasts = {id_: Past(id_) for id_ in session.scalars(active)}
            _add_deeds(session, pasts)
            _add_words(session, pasts)
        found |= pasts
    return found


def _add_deeds(session: Session, pasts: dict[str, Past]) -> None:
    since = db.now(session) - timedelta(days=DAYS)
    place = sa.func.row_number().over(partition_by=Reading.user_id, order_by=Reading.updated_at.desc()).label("place")
    mine = Reading.user_id.in_(pasts), Reading.updated_at >= since
    latest = sa.select(Reading.user_id, Reading.article_id, weight().label("weight"), place).where(*mine).subquery()
    wish = sa.select(latest.c.user_id, latest.c.article_id, latest.c.weight).where(latest.c.place <= MOST)
    for user_id, article_id, value in session.execute(wish.order_by(latest.c.user_id, latest.c.place)):
        pasts[user_id].known.append((article_id, value))


def _add_words(session: Session, pasts: dict[str, Past]) -> None:
    for profile in session.scalars(sa.select(ReaderProfile).where(ReaderProfile.user_id.in_(pasts))):
        pasts[profile.user_id].topics = list(profile.topics)
        pasts[profile.user_id].languages = frozenset(profile.languages)
    for less in session.scalars(sa.select(ReaderLess).where(ReaderLess.user_id.in_(pasts))):
        pasts[less.user_id].less[Less(less.kind)].add(less.value)
    for each in session.scalars(sa.select(Assessment).where(Assessment.user_id.in_(pasts))):
        pasts[each.user_id].scores = Scores(each.be, each.do, each.have)


def weight() -> sa.ColumnElement[float]:
    """How much a row of `Reading` speaks for its article, -5 to 5. Summed in the database: rows are many."""
    flags = ((Reading.liked, marks.LIKED), (Reading.saved, marks.SAVED), (Reading.shared, marks.SHARED))
    total: Any = sa.case((Reading.completed_at.is_not(None), marks.COMPLETED), else_=marks.OPENED)
    for flag, worth in (*flags, (Reading.dismissed, marks.DISMISSED)):
        total += sa.case((flag, worth), else_=0.0)
    total += sa.case((Reading.rating.is_(None), 0.0), else_=marks.A_STAR * (Reading.rating - 3))
    bounded = sa.case((total > marks.MOST, marks.MOST), (total < -marks.MOST, -marks.MOST), else_=total)
    return sa.cast(bounded, sa.Float)


FOR_IT = sa.not_(Reading.dismissed) & (Reading.rating.is_(None) | (Reading.rating >= 3))
"""Whether a row speaks for its article; all that readers of the same articles are found by."""


def everybody(opened: Opened, place: dict[str, int]) -> Marks:
    """Which of the articles in `place`, which gives their columns, each reader read and had nothing against."""
    rows: list[int] = []
    items: list[int] = []
    readers = 0
    for told in _all(opened):
        columns = [place[article_id] for article_id in told.split(BETWEEN) if article_id in place]
        items += sorted(columns)  # the newest articles of each reader first: they have the lowest places
        rows += [readers] * len(columns)
        readers += 1
    return marks.matrix(np.array(rows), np.array(items), np.ones(len(rows)), readers, len(place))


def _all(opened: Opened) -> Iterator[str]:
    """For each reader the ids of the articles that their rows speak for, with `BETWEEN` between them: to join them in
    the database is several times as fast as to read them one by one.
    """
    edge, ids = "", sa.func.aggregate_strings(Reading.article_id, BETWEEN)
    while True:
        with opened() as session:
            since = db.now(session) - timedelta(days=DAYS)
            wish = sa.select(Reading.user_id, ids).where(Reading.user_id > edge, Reading.updated_at >= since, FOR_IT)
            page = session.execute(wish.group_by(Reading.user_id).order_by(Reading.user_id).limit(PAGE)).all()
        yield from (told for _, told in page)
        if len(page) < PAGE:
            return
        edge = page[-1][0]
