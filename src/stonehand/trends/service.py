"""The verbs of trends: judging stories, remembering how they went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.trends import gathering, scoring, shapes
from stonehand.trends.gathering import HOURS, Reports
from stonehand.trends.judging import DAY, Facts, Judgement, judge
from stonehand.trends.models import Trend
from stonehand.trends.scoring import Score
from stonehand.trends.shapes import Hours
from stonehand.trends.states import TrendState

POINTS, TURNS = 50, 20  # that are kept
HOUR = timedelta(hours=1)
WATCHED = 2  # outlets from which on a story is a trend, even if it does not stand out


@dataclass(frozen=True)
class World:
    """What is reported at all, now."""

    moment: datetime
    volume: Hours
    typical: float


@dataclass(frozen=True)
class Judged:
    """A story as it stands now."""

    reports: Reports
    judgement: Judgement
    score: Score
    velocity: float


def world(session: Session) -> World:
    """What every story is measured by."""
    moment = db.now(session)
    return World(moment, *gathering.volume(session, moment))


def judge_all(reports: Mapping[str, Reports], known: Mapping[str, Trend], seen: World) -> dict[str, Judged]:
    """Judge these stories; those that are no trend and should be none are left out. Pure."""
    found = {story_id: _judged(mine, known.get(story_id), seen) for story_id, mine in reports.items()}
    return {
        story_id: each
        for story_id, each in found.items()
        if story_id in known or len(set(each.reports.outlets)) >= WATCHED or each.judgement.is_alarm
    }


def _judged(mine: Reports, before: Trend | None, seen: World) -> Judged:
    first, last = mine.moments[-1], mine.moments[0]
    counts = shapes.hourly([each.timestamp() for each in mine.moments], seen.moment.timestamp(), HOURS)
    today = {outlet for outlet, at in zip(mine.outlets, mine.moments, strict=True) if seen.moment - at <= DAY * HOUR}
    age, silence = max(0.0, (seen.moment - first) / HOUR), max(0.0, (seen.moment - last) / HOUR)
    facts = Facts(counts, seen.volume, seen.typical, len(set(mine.outlets)), len(today), age, silence)
    judgement = judge(facts, TrendState(before.state) if before else None)
    span = (last - first) / HOUR
    velocity = scoring.velocity(mine.engagement, span + silence)
    growth = scoring.growth(velocity, before.velocity if before else None)
    return Judged(
        mine, judgement, scoring.score(mine.engagement, facts.outlets, span, silence, growth), round(velocity, 3)
    )


def record(session: Session, judged: Mapping[str, Judged], moment: datetime) -> tuple[list[str], list[str]]:
    """Keep what was judged. Returns the stories that became trends, and those whose state changed."""
    known = trends_of(session, list(judged))
    new, turned = [], []
    for story_id, each in judged.items():
        trend = known.get(story_id)
        if trend is None:
            session.add(_begin(story_id, each, moment))
            new.append(story_id)
        elif _update(trend, each, moment):
            turned.append(story_id)
    return new, turned


def trends_of(session: Session, story_ids: Sequence[str]) -> dict[str, Trend]:
    """The trends among these stories, by id."""
    rows = session.scalars(sa.select(Trend).where(Trend.story_id.in_(story_ids)))
    return {trend.story_id: trend for trend in rows}


def _begin(story_id: str, each: Judged, moment: datetime) -> Trend:
    found = each.judgement
    return Trend(
        story_id=story_id,
        **_columns(each),
        history=[_point(each, moment)],
        turns=[_turn(moment, None, found)],
        peak_velocity=each.velocity,
        peak_at=moment,
        alarmed_at=moment if found.is_alarm else None,
        state_since=moment,
        created_at=moment,
        updated_at=moment,
    )


def _columns(each: Judged) -> dict[str, Any]:
    found = each.judgement
    facts = {"expected": found.expected, "recent": found.recent, "burst_hours": found.burst_hours}
    return {
        "state": found.state.value,
        "score": each.score.total,
        "velocity": each.velocity,
        "surprise": found.surprise,
        "slope": found.slope,
        "why": found.why,
        "parts": asdict(each.score) | asdict(each.reports.engagement) | facts,
    }


def _update(trend: Trend, each: Judged, moment: datetime) -> bool:
    """Returns whether the state changed."""
    before, found = trend.state, each.judgement
    turned = before != found.state
    if turned:
        trend.turns = [*trend.turns, _turn(moment, before, found)][-TURNS:]
        trend.state_since = moment
    for name, value in _columns(each).items():
        setattr(trend, name, value)
    trend.history = [*trend.history, _point(each, moment)][-POINTS:]
    if each.velocity > trend.peak_velocity:
        trend.peak_velocity, trend.peak_at = each.velocity, moment
    if found.is_alarm:
        trend.alarmed_at = moment
    trend.updated_at = moment
    return turned


def _point(each: Judged, moment: datetime) -> dict[str, Any]:
    reports = len(each.reports.moments)
    return {"at": moment.isoformat(), "velocity": each.velocity, "score": each.score.total, "reports": reports}


def _turn(moment: datetime, before: str | None, found: Judgement) -> dict[str, Any]:
    return {"at": moment.isoformat(), "from": before, "to": found.state.value, "why": found.why}
