"""Tables of what readers did and said, what is counted of it, and what they are shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id
from stonehand.reading.states import Deed, Difficulty, Less, Period, Phase

BY_RUBRIC = "rubric:"  # before the name of a rubric that says something


def _known(column: str, values: type[Any]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(each.value) for each in values)})", name=f"{column}_known")


def _user(**more: Any) -> Any:
    return mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), **more)


def _article(**more: Any) -> Any:
    return mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), **more)


class ReadingEvent(Base):
    """One thing that a reader did. `client_id` is whatever the reader's program called it: sent again, it counts once.

    `value` is the rating of a `rate`, and 0 for a deed that is taken back.
    """

    __tablename__ = "reading_events"
    __table_args__ = (_known("deed", Deed), sa.Index("ix_reading_events_user_id_at", "user_id", "at"))

    user_id: Mapped[str] = _user(primary_key=True)
    client_id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    article_id: Mapped[str] = _article(index=True)
    deed: Mapped[str]
    value: Mapped[int | None]
    seconds: Mapped[int] = mapped_column(default=0)
    scroll: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(index=True)


class Reading(Base):
    """How one reader stands to one article: the sum of their events. `scroll` is in percent, the furthest there was."""

    __tablename__ = "readings"
    __table_args__ = (sa.Index("ix_readings_user_id_updated_at", "user_id", "updated_at"),)

    user_id: Mapped[str] = _user(primary_key=True)
    article_id: Mapped[str] = _article(primary_key=True, index=True)
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    views: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(default=0)
    scroll: Mapped[int] = mapped_column(default=0)
    liked: Mapped[bool] = mapped_column(default=False)
    saved: Mapped[bool] = mapped_column(default=False)
    shared: Mapped[bool] = mapped_column(default=False)
    dismissed: Mapped[bool] = mapped_column(default=False)
    rating: Mapped[int | None]
    updated_at: Mapped[datetime]


class ReadingCount(Base):
    """What all readers did with an article on one day (UTC). Only ever added to, in the database."""

    __tablename__ = "reading_counts"

    article_id: Mapped[str] = _article(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    views: Mapped[int] = mapped_column(default=0)
    reads: Mapped[int] = mapped_column(default=0)
    likes: Mapped[int] = mapped_column(default=0)
    saves: Mapped[int] = mapped_column(default=0)
    shares: Mapped[int] = mapped_column(default=0)
    dismissals: Mapped[int] = mapped_column(default=0)
    ratings: Mapped[int] = mapped_column(default=0)
    rating_total: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class ReaderProfile(Base):
    """What a reader said of themselves. `digest` is empty unless they asked for one by mail."""

    __tablename__ = "reader_profiles"
    __table_args__ = (sa.Index("ix_reader_profiles_digest", "digest"),)

    user_id: Mapped[str] = _user(primary_key=True)
    topics: Mapped[list[str]]
    languages: Mapped[list[str]]
    digest: Mapped[str] = mapped_column(default="")
    updated_at: Mapped[datetime]


class ReaderLess(Base):
    """Something of which a reader wants less. `words` is how it is told."""

    __tablename__ = "reader_less"
    __table_args__ = (_known("kind", Less),)

    user_id: Mapped[str] = _user(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(300), primary_key=True)
    words: Mapped[str]
    created_at: Mapped[datetime]


class Assessment(Base):
    """A reader's scores, 0 to 100, in the three phases. `version` is that of the questions, 0 if others asked them."""

    __tablename__ = "assessments"

    user_id: Mapped[str] = _user(primary_key=True)
    be: Mapped[int]
    do: Mapped[int]
    have: Mapped[int]
    answers: Mapped[dict[str, Any]]
    version: Mapped[int]
    taken_at: Mapped[datetime]


class ArticleLevel(Base):
    """The phase and difficulty of an article, and who said so: a person's id, or `rubric:` and the rubric's name."""

    __tablename__ = "article_levels"
    __table_args__ = (_known("phase", Phase), _known("difficulty", Difficulty))

    article_id: Mapped[str] = _article(primary_key=True)
    phase: Mapped[str]
    difficulty: Mapped[str]
    said_by: Mapped[str]
    said_at: Mapped[datetime]

    @property
    def origin(self) -> str:
        """`rubric` or `person`."""
        return "rubric" if self.said_by.startswith(BY_RUBRIC) else "person"


class Recommendations(Base):
    """What a reader is shown, best first: `{"article_id", "score", "kind", "detail"}`. Kept until it is made anew."""

    __tablename__ = "recommendations"

    user_id: Mapped[str] = _user(primary_key=True)
    items: Mapped[list[Any]]
    made_at: Mapped[datetime] = mapped_column(index=True)


class ArticleNeighbours(Base):
    """The articles that the readers of one read too, as `ranking.packing` packs them. Made anew every night."""

    __tablename__ = "article_neighbours"

    article_id: Mapped[str] = _article(primary_key=True)
    packed: Mapped[bytes]
    made_at: Mapped[datetime] = mapped_column(index=True)


class Digest(Base):
    """The stories of a day or a week: `sections` are `{"story_id", "title", "article_ids"}`, the first the foremost.

    `issue` is the day (`2026-11-28`) or week (`2026-W48`); there is one digest of each.
    """

    __tablename__ = "digests"
    __table_args__ = (_known("period", Period), sa.UniqueConstraint("period", "issue"))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    period: Mapped[str]
    issue: Mapped[str]
    title: Mapped[str]
    sections: Mapped[list[Any]]
    is_sample: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
