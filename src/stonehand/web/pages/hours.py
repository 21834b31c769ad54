"""Counts by the hour, as small curves show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, first_id

HOURS = 24


def binned(moments: Sequence[datetime], end: datetime) -> tuple[int, ...]:
    """How many of these moments lie in each of the 24 hours that end at `end`, oldest first."""
    counts = [0] * HOURS
    for moment in moments:
        back = int((end - moment).total_seconds() // 3600)
        if 0 <= back < HOURS:
            counts[HOURS - 1 - back] += 1
    return tuple(counts)


def of_ids(session: Session, column: Any, end: datetime) -> tuple[int, ...]:
    """How many rows were made in each of the 24 hours before `end`, told by their ids alone, oldest first."""
    return _counts(session, column, [first_id(edge) for edge in _edges(end)])


def of_times(session: Session, column: Any, end: datetime) -> tuple[int, ...]:
    """The same by an indexed column of times."""
    return _counts(session, column, _edges(end))


def _edges(end: datetime) -> list[datetime]:
    return [end - timedelta(hours=back) for back in range(HOURS, -1, -1)]


def _counts(session: Session, column: Any, edges: Sequence[Any]) -> tuple[int, ...]:
    # Each hour is a range of an index; grouping would have to compute the hour of every row.
    spans = pairwise(edges)
    parts = [sa.select(sa.func.count(column)).where(column >= a, column < b).scalar_subquery() for a, b in spans]
    return tuple(session.execute(sa.select(*parts)).one())
