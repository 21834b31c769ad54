"""Choosing the stories of a digest, and finding out who reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts.models import User
from stonehand.db import Session
from stonehand.reading.errors import NothingToTell
from stonehand.reading.events import DigestChosen
from stonehand.reading.models import Digest, ReaderProfile
from stonehand.reading.states import Period
from stonehand.stories.models import Placement, Story
from stonehand.stories.states import Role

LASTS = {Period.DAILY: timedelta(days=1), Period.WEEKLY: timedelta(days=7)}
STORIES = {Period.DAILY: 6, Period.WEEKLY: 10}
ARTICLES = 3  # of a story, of as many outlets as there are


@dataclass(frozen=True)
class Subscriber:
    """A reader who asked for a digest."""

    user_id: str
    email: str
    name: str


def issue(period: Period, moment: datetime) -> str:
    """The name of the issue that is made at this moment: a day, or a week as ISO 8601 counts them."""
    if period == Period.DAILY:
        return f"{moment:%Y-%m-%d}"
    year, week, _ = moment.isocalendar()
    return f"{year}-W{week:02}"


def title(period: Period, moment: datetime) -> str:
    """What an issue is called."""
    day = f"{moment.day} {moment:%B %Y}"
    return f"The day: {day}" if period == Period.DAILY else f"The week to {day}"


def choose(session: Session, period: Period) -> Digest:
    """The digest of now: the foremost stories of its time, announced so that it is written. There is one of each
    issue; asked again, it is the same. Raises `NothingToTell`."""
    moment = db.now(session)
    sections = list(_sections(session, period, moment))
    known = _known(session, period, moment)
    if known is not None:
        return known
    if not sections:
        raise NothingToTell(f"no story was reported on in the time of a {period} digest; wait for articles")
    row = {
        "id": db.new_id(),
        "period": period.value,
        "issue": issue(period, moment),
        "title": title(period, moment),
        "sections": [each for each, _ in sections],
        "is_sample": all(is_sample for _, is_sample in sections),
        "created_at": moment,
    }
    insert = db.insert(session, Digest).values(row).on_conflict_do_nothing(index_elements=["period", "issue"])
    made = session.scalar(insert.returning(Digest.id))
    if made is not None:
        jobs.announce(session, DigestChosen(made))
    found = _known(session, period, moment)
    assert found is not None
    return found


def _known(session: Session, period: Period, moment: datetime) -> Digest | None:
    wish = sa.select(Digest).where(Digest.period == period.value, Digest.issue == issue(period, moment))
    return session.scalars(wish).one_or_none()


def _sections(session: Session, period: Period, moment: datetime) -> Iterator[tuple[dict[str, Any], bool]]:
    """The foremost stories with the articles that tell them, and whether the story is a sample's.

    What is invented is told only as long as there is nothing else, and never beside what is true.
    """
    since = moment - LASTS[period]
    wish = sa.select(Story).where(Story.last_at >= since, Story.last_at <= moment + timedelta(hours=1))
    ranked = wish.order_by(Story.rank.desc(), Story.id).limit(STORIES[period])
    stories = session.scalars(ranked.where(~Story.is_sample)).all() or session.scalars(ranked).all()
    telling = _telling(session, [story.id for story in stories])
    for story in stories:
        if telling.get(story.id):
            section = {"story_id": story.id, "title": story.title, "article_ids": telling[story.id]}
            yield section, story.is_sample


def _telling(session: Session, story_ids: Sequence[str]) -> dict[str, list[str]]:
    """For each story the latest article of each outlet, copies left out, at most three."""
    latest = sa.func.row_number().over(
        partition_by=(Placement.story_id, Placement.outlet), order_by=Placement.reported_at.desc()
    )
    ranked = (
        sa.select(Placement.story_id, Placement.article_id, Placement.reported_at, latest.label("place"))
        .where(Placement.story_id.in_(story_ids), Placement.role != Role.COPY)
        .subquery()
    )
    found: dict[str, list[str]] = {}
    rows = sa.select(ranked.c.story_id, ranked.c.article_id).where(ranked.c.place == 1)
    for story_id, article_id in session.execute(rows.order_by(ranked.c.reported_at.desc(), ranked.c.article_id)):
        found.setdefault(story_id, []).append(article_id)
    return {story_id: ids[:ARTICLES] for story_id, ids in found.items()}


def asked_for(session: Session, period: Period) -> bool:
    """Whether anybody wants it."""
    return session.scalar(_subscribed(period).with_only_columns(User.id).limit(1)) is not None


def subscribers(session: Session, period: Period, after: str, limit: int) -> list[Subscriber]:
    """Who wants it, by id; `after` is the id of the last one seen."""
    rows = session.execute(_subscribed(period).where(User.id > after).order_by(User.id).limit(limit))
    return [Subscriber(*row) for row in rows]


def subscriber(session: Session, period: Period, user_id: str) -> Subscriber | None:
    """The reader, if they want it still."""
    row = session.execute(_subscribed(period).where(User.id == user_id)).one_or_none()
    return Subscriber(*row) if row else None


def _subscribed(period: Period) -> Any:
    wish = sa.select(User.id, User.email, User.name).join(ReaderProfile, ReaderProfile.user_id == User.id)
    return wish.where(User.is_active, ReaderProfile.digest == period.value)
