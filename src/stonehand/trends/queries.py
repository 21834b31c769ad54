"""Questions about trends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.stories import queries as stories
from stonehand.stories.models import Story
from stonehand.trends.errors import TrendNotFound
from stonehand.trends.models import Trend
from stonehand.trends.states import TrendState

Row = tuple[Trend, Story]


def trend(session: Session, story_id: str) -> Row:
    """A trend and its story; of a merged story, that of the one it was merged into. Raises `StoryNotFound`,
    `TrendNotFound`."""
    story = stories.story(session, stories.current(session, story_id))
    found = session.get(Trend, story.id)
    if found is None:
        why = (
            "one outlet tells it, and it does not stand out"
            if story.outlet_count < 2
            else "it is judged within minutes"
        )
        raise TrendNotFound(f"story {story.id} is no trend yet: {why}")
    return found, story


def top(
    session: Session, state: TrendState | None = None, limit: int = 20, offset: int = 0, words: str = ""
) -> list[Row]:
    """Trends by score, the highest first; without a state, all but the dead."""
    wish = sa.select(Trend, Story).join(Story, Story.id == Trend.story_id).where(Story.merged_into.is_(None))
    wish = wish.where(Trend.state == state if state else Trend.state != TrendState.DEAD)
    for word in words.split():
        wish = wish.where(Story.title.icontains(word, autoescape=True))
    rows = session.execute(wish.order_by(Trend.score.desc(), Trend.story_id).limit(limit).offset(offset))
    return [(found, story) for found, story in rows]


def counts(session: Session) -> dict[str, int]:
    """How many trends are in each state; those of merged stories do not count."""
    wish = sa.select(Trend.state, sa.func.count()).join(Story, Story.id == Trend.story_id)
    rows = session.execute(wish.where(Story.merged_into.is_(None)).group_by(Trend.state))
    found = dict(rows.all())
    return {state.value: found.get(state.value, 0) for state in TrendState}


def viral(session: Session, limit: int) -> list[Row]:
    """Trends that are viral now, those first that have been so for longest."""
    wish = sa.select(Trend, Story).join(Story, Story.id == Trend.story_id).where(Story.merged_into.is_(None))
    wish = wish.where(Trend.state == TrendState.VIRAL).order_by(Trend.state_since, Trend.story_id).limit(limit)
    return [(found, story) for found, story in session.execute(wish)]


def turned(session: Session, since: datetime, until: datetime) -> dict[str, int]:
    """How often trends turned to each state from a moment to another, as far as they remember it."""
    kept = session.scalars(sa.select(Trend.turns).where(Trend.updated_at >= since))
    times = Counter(
        turn["to"] for turns in kept for turn in turns if since <= datetime.fromisoformat(turn["at"]) < until
    )
    return {state.value: times[state.value] for state in TrendState}


def statistics(session: Session, days: int = 7) -> dict[str, Any]:
    """Of the trends that were looked at in the last days: how many, averages, and the ten highest."""
    since: datetime = now(session) - timedelta(days=days)
    means = sa.select(sa.func.count(), sa.func.avg(Trend.score), sa.func.avg(Trend.velocity), sa.func.max(Trend.score))
    count, score, velocity, highest = session.execute(means.where(Trend.updated_at >= since)).one()
    return {
        "days": days,
        "trends": count,
        "states": counts(session),
        "average_score": round(score or 0.0, 2),
        "average_velocity": round(velocity or 0.0, 3),
        "highest_score": round(highest or 0.0, 2),
        "top": [
            {"story_id": found.story_id, "title": story.title, "score": found.score}
            for found, story in top(session, limit=10)
        ],
    }


def reported(session: Session, found: Sequence[Row], hours: int) -> dict[str, list[datetime]]:
    """When these trends were reported on in the last hours, by story."""
    return stories.reported(session, [trend.story_id for trend, _ in found], now(session) - timedelta(hours=hours))
