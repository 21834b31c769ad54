"""Reads of what all readers did: what is popular, and what has just become so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.reading.models import ReadingCount
from stonehand.reading.ranking import popularity
from stonehand.reading.ranking.popularity import BEFORE, RECENT

POPULAR_DAYS = 30
LOOKED_AT = 500  # articles of the last days that trending compares
NAMES = ("views", "reads", "likes", "saves", "shares", "dismissals", "ratings", "rating_total", "seconds")


def worth() -> sa.ColumnElement[Any]:
    """`ranking.popularity.Day.worth` of a row of counts, but for its lower bound."""
    each = ReadingCount
    stars = popularity.STAR * (each.rating_total - 3 * each.ratings)
    deeds = popularity.LIKE * each.likes + popularity.SAVE * each.saves + popularity.SHARE * each.shares
    return (
        popularity.VIEW * each.views
        + popularity.READ * each.reads
        + deeds
        + stars
        + popularity.DISMISS * each.dismissals
    )


def popular(session: Session, limit: int, days: int = POPULAR_DAYS) -> list[tuple[str, float]]:
    """The articles that were read most lately, and what that is worth."""
    since, total = _day(session) - timedelta(days=days), sa.func.sum(worth())
    wish = sa.select(ReadingCount.article_id, total).where(ReadingCount.day >= since).group_by(ReadingCount.article_id)
    rows = session.execute(wish.having(total > 0).order_by(total.desc(), ReadingCount.article_id.desc()).limit(limit))
    return [(id_, round(float(value), 2)) for id_, value in rows]


def trending(session: Session, limit: int) -> list[tuple[str, float]]:
    """The articles that are read more than their past week would lead one to expect, and by how many deviations."""
    today = _day(session)
    total, recent = sa.func.sum(worth()), today - timedelta(days=RECENT - 1)
    busy = sa.select(ReadingCount.article_id).where(ReadingCount.day >= recent).group_by(ReadingCount.article_id)
    ids = session.scalars(busy.order_by(total.desc(), ReadingCount.article_id.desc()).limit(LOOKED_AT)).all()
    days: dict[str, dict[date, float]] = defaultdict(dict)
    since = today - timedelta(days=RECENT + BEFORE)
    rows = sa.select(ReadingCount.article_id, ReadingCount.day, worth())
    for id_, day, value in session.execute(rows.where(ReadingCount.article_id.in_(ids), ReadingCount.day >= since)):
        days[id_][day] = max(0.0, float(value))
    found = [(id_, round(popularity.surprise(days[id_], today), 2)) for id_ in ids]
    return sorted([each for each in found if each[1] > 0], key=lambda each: (-each[1], each[0]))[:limit]


def totals(session: Session, article_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """What all readers ever did with these articles; those with which nobody did anything are left out."""
    columns: Sequence[Any] = [sa.func.sum(getattr(ReadingCount, name)).label(name) for name in NAMES]
    wish = sa.select(ReadingCount.article_id, *columns).where(ReadingCount.article_id.in_(article_ids))
    rows = session.execute(wish.group_by(ReadingCount.article_id))
    return {row[0]: {name: int(value) for name, value in zip(NAMES, row[1:], strict=True)} for row in rows}


def _day(session: Session) -> date:
    moment: datetime = now(session)
    return moment.date()
