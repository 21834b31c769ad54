"""What readers did. Another room counts it by article and day; where that room is not there, nobody has read anything.

`Readers` is all that this room wants to know of it, so that whatever counts can be put in its place.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.library.models import Bookmark, SavedSearch
from stonehand.reports import counting
from stonehand.reports.counting import Counts
from stonehand.reports.periods import Period
from stonehand.reports.sections import Figure, Section, Table, share

DEEDS = ("views", "reads", "likes", "saves", "shares", "dismissals", "ratings")
SUMMED = (*DEEDS, "rating_total", "seconds")
COUNTS = sa.table(
    "reading_counts",
    sa.column("article_id", sa.String),
    sa.column("day", sa.Date),
    *(sa.column(name, sa.BigInteger) for name in SUMMED),
)
"""By article and day; its room is `reading`."""
EVENTS = sa.table("reading_events", sa.column("user_id", sa.String), sa.column("at", sa.DateTime(timezone=True)))


class Readers(Protocol):
    """What is known of readers' deeds, by the names of `SUMMED`."""

    def in_all(self, session: Session, since: date, until: date) -> Counts:
        """Of all articles, from the day `since` to before `until`."""

    def by_article(self, session: Session, period: Period, most: int) -> dict[str, Counts]:
        """Of the articles that were seen most."""

    def of_article(self, session: Session, article_id: str) -> Counts:
        """Of one article, ever."""

    def active(self, session: Session, period: Period) -> int:
        """How many people read anything."""


class Nobody:
    """Where no room counts readers' deeds."""

    def in_all(self, session: Session, since: date, until: date) -> Counts:
        return {}

    def by_article(self, session: Session, period: Period, most: int) -> dict[str, Counts]:
        return {}

    def of_article(self, session: Session, article_id: str) -> Counts:
        return {}

    def active(self, session: Session, period: Period) -> int:
        return 0


class Counted:
    """What the room of readers has counted."""

    def in_all(self, session: Session, since: date, until: date) -> Counts:
        return _first(session, _sums().where(COUNTS.c.day >= since, COUNTS.c.day < until))

    def by_article(self, session: Session, period: Period, most: int) -> dict[str, Counts]:
        seen = sa.func.sum(COUNTS.c.views).desc()
        wish = _sums(COUNTS.c.article_id).where(COUNTS.c.day >= period.since, COUNTS.c.day < period.until)
        rows = session.execute(wish.group_by(COUNTS.c.article_id).order_by(seen).limit(most))
        return {row[0]: _named(row[1:]) for row in rows}

    def of_article(self, session: Session, article_id: str) -> Counts:
        return _first(session, _sums().where(COUNTS.c.article_id == article_id))

    def active(self, session: Session, period: Period) -> int:
        from stonehand.db import UtcDateTime  # noqa: PLC0415  times are kept in its form

        at = sa.type_coerce(EVENTS.c.at, UtcDateTime())
        people = sa.select(sa.func.count(sa.distinct(EVENTS.c.user_id)))
        return session.scalar(people.where(at >= period.begins, at < period.ends)) or 0


def of_room(session: Session) -> Readers:
    """Whoever counts what readers do here."""
    inspected = sa.inspect(session.connection())
    return Counted() if inspected.has_table("reading_counts") and inspected.has_table("reading_events") else Nobody()


def _sums(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    return sa.select(*columns, *(sa.func.sum(COUNTS.c[name]) for name in SUMMED))


def _first(session: Session, wish: sa.Select[Any]) -> Counts:
    return _named(session.execute(wish).one())


def _named(row: Any) -> Counts:
    return {name: int(number or 0) for name, number in zip(SUMMED, row, strict=True)}


def report(session: Session, period: Period) -> Section:
    """What readers did in a period: here, and where pieces were published."""
    readers = of_room(session)
    here, outside = readers.in_all(session, period.since, period.until), counting.by_name(session, "article", period)
    done = counting.sums(here, outside, counting.by_name(session, "publication", period))
    marked = sa.select(sa.func.count()).select_from(Bookmark)
    saved = sa.select(sa.func.count()).select_from(SavedSearch)
    within = (Bookmark.created_at >= period.begins, Bookmark.created_at < period.ends)
    kept = (SavedSearch.created_at >= period.begins, SavedSearch.created_at < period.ends)
    views, reads, ratings = done.get("views", 0), done.get("reads", 0), done.get("ratings", 0)
    rows = [(name, done.get(name, 0)) for name in DEEDS]
    return Section(
        "engagement",
        "Reader engagement",
        [
            Figure("readers", "people who read here", readers.active(session, period)),
            Figure("views", "views", views),
            Figure("reads", "read to the end", reads),
            Figure("completion", "of views read to the end", share(reads, views), "%"),
            Figure("minutes", "minutes of reading", round(done.get("seconds", 0) / 60)),
            Figure(
                "rating", "mean rating, 1 to 5", round(done.get("rating_total", 0) / ratings, 2) if ratings else None
            ),
            Figure("bookmarks", "bookmarks made", session.scalar(marked.where(*within))),
            Figure("searches", "searches saved", session.scalar(saved.where(*kept))),
        ],
        [Table("deeds", "What readers did", ("deed", "times"), [row for row in rows if row[1]], "bars")],
        "" if isinstance(readers, Counted) else "Nobody counts what readers do here; only reported counts are shown.",
    )
