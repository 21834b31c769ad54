"""What the database says of stories over time: reports hour by hour, outlets, and what people did with them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.sources.models import Entry
from stonehand.stories.models import Placement, Story
from stonehand.trends import shapes
from stonehand.trends.models import Trend
from stonehand.trends.scoring import Engagement
from stonehand.trends.shapes import Hours
from stonehand.trends.states import TrendState

HOURS = 14 * 24  # that are looked at
COUNTED = re.compile(r"^(\d{1,9}) points?, (\d{1,9}) comments?")  # as sites say it that people vote on
MOST_REPORTS = 2000  # of one story that are looked at, the newest
CHUNK = 400
UNIX_DAY = 2440587.5  # the Julian day of 1 January 1970


@dataclass
class Reports:
    """When a story was reported, by whom, and what people did with it. The newest report is first."""

    moments: list[datetime] = field(default_factory=list)
    outlets: list[str] = field(default_factory=list)
    up: int = 0
    comments: int = 0

    @property
    def engagement(self) -> Engagement:
        return Engagement(self.up, self.comments, len(self.moments))


def volume(session: Session, moment: datetime) -> tuple[Hours, float]:
    """Reports of all stories, hour by hour up to now, and the share of them that a typical story has."""
    since = moment - timedelta(hours=HOURS)
    if db.dialect(session) == "sqlite":
        at = (sa.func.julianday(Placement.reported_at) - UNIX_DAY) * 86_400
        hour = sa.cast((moment.timestamp() - at) / 3600, sa.Integer)
    else:
        at = sa.cast(sa.extract("epoch", Placement.reported_at), sa.Float)
        hour = sa.cast(sa.func.floor((moment.timestamp() - at) / 3600), sa.Integer)
    rows = sa.select(hour, sa.func.count()).where(Placement.reported_at >= since).group_by(hour)
    found = shapes.hourly([], moment.timestamp(), HOURS)
    for ago, count in session.execute(rows):
        if 0 <= (ago or 0) < HOURS:
            found[HOURS - 1 - int(ago or 0)] += count
    stories = session.scalar(sa.select(sa.func.count()).where(Story.last_at >= since, Story.merged_into.is_(None))) or 1
    return found, 1.0 / stories


def due(session: Session, since: datetime, after: str, most: int) -> list[str]:
    """Stories that were reported since then, and trends that are not dead yet, by id behind `after`."""
    alive = sa.exists().where(Trend.story_id == Story.id, Trend.state != TrendState.DEAD)
    wish = sa.select(Story.id).where(Story.id > after, Story.merged_into.is_(None))
    wish = wish.where(sa.or_(Story.last_at >= since, alive)).order_by(Story.id).limit(most)
    return list(session.scalars(wish))


def reports(session: Session, story_ids: Sequence[str]) -> dict[str, Reports]:
    """The reports of these stories, copies too: a copy is a report of another outlet."""
    newest = sa.func.row_number().over(partition_by=Placement.story_id, order_by=Placement.reported_at.desc())
    columns = (Placement.story_id, Placement.article_id, Placement.outlet, Placement.reported_at)
    ranked = sa.select(*columns, newest.label("place")).where(Placement.story_id.in_(story_ids)).subquery()
    rows = session.execute(
        sa.select(ranked).where(ranked.c.place <= MOST_REPORTS).order_by(ranked.c.reported_at.desc())
    ).all()
    found: defaultdict[str, Reports] = defaultdict(Reports)
    said = _said(session, [row.article_id for row in rows])
    for row in rows:
        up, comments = said.get(row.article_id, (0, 0))
        mine = found[row.story_id]
        mine.moments.append(row.reported_at)
        mine.outlets.append(row.outlet)
        mine.up, mine.comments = mine.up + up, mine.comments + comments
    return dict(found)


def _said(session: Session, article_ids: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    """Points and comments of articles, where the site that named them counts such."""
    found: dict[str, tuple[int, int]] = {}
    for start in range(0, len(article_ids), CHUNK):
        part = article_ids[start : start + CHUNK]
        wish = sa.select(Entry.article_id, Entry.summary).where(
            Entry.article_id.in_(part), Entry.summary.like("% point%")
        )
        for article_id, summary in session.execute(wish):
            if article_id and (match := COUNTED.match(summary)):
                found[article_id] = (int(match[1]), int(match[2]))
    return found
