"""What the pages of trends show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from stonehand.db import Session, now
from stonehand.stories.models import Story
from stonehand.trends import queries
from stonehand.trends.models import Trend
from stonehand.trends.states import TrendState
from stonehand.web.pages.parts import Badge, Pager, Tab
from stonehand.web.pages.trends import BoardView, Column, Part, TrendCard, TrendView, Turn

SHOWN, PAGE = 8, 24  # trends of a state on the board, and on its own page
HOURS = 48
BADGES = {
    TrendState.VIRAL: Badge("Viral", "warn"),
    TrendState.EMERGING: Badge("Emerging", "busy"),
    TrendState.SUSTAINED: Badge("Sustained", "good"),
    TrendState.DECLINING: Badge("Declining"),
    TrendState.DEAD: Badge("Dead"),
}
MEANINGS = {
    TrendState.VIRAL: "Far more reports than chance brings, from four outlets or more.",
    TrendState.EMERGING: "New, or back after a silence.",
    TrendState.SUSTAINED: "Older than a day, and it goes on.",
    TrendState.DECLINING: "Fewer reports than before.",
    TrendState.DEAD: "No report for three days.",
}
PARTS = (
    ("engagement", "Engagement", "50 %"),
    ("recency", "Recency", "20 %"),
    ("velocity", "Velocity", "20 %"),
    ("spread", "Outlets", "10 %"),
)


def board(session: Session, state: TrendState | None, start: int) -> BoardView:
    """The board, or a part of the trends of one state."""
    counts = queries.counts(session)
    tabs = [Tab("Board", "/trends", active=state is None)]
    tabs += [Tab(BADGES[each].words, _address(each), counts[each], active=each == state) for each in BADGES]
    states = [state] if state else [each for each in BADGES if each != TrendState.DEAD]
    most = PAGE if state else SHOWN
    found = {each: queries.top(session, each, most + 1, start) for each in states}
    columns = tuple(_column(session, each, rows[:most], counts[each]) for each, rows in found.items())
    return BoardView(tuple(tabs), columns, _pager(state, start, len(found[state]) if state else 0))


def _column(session: Session, state: TrendState, rows: Sequence[tuple[Trend, Story]], count: int) -> Column:
    return Column(BADGES[state].words, MEANINGS[state], count, _address(state), cards(session, rows))


def cards(session: Session, rows: Sequence[tuple[Trend, Story]]) -> tuple[TrendCard, ...]:
    """The cards of these trends, in their order."""
    reported, moment = queries.reported(session, rows, HOURS), now(session)
    return tuple(_card(trend, story, reported[trend.story_id], moment) for trend, story in rows)


def _card(trend: Trend, story: Story, reported: Sequence[datetime], moment: datetime) -> TrendCard:
    return TrendCard(
        id=trend.story_id,
        title=story.title,
        badge=BADGES[TrendState(trend.state)],
        why=trend.why,
        score=round(trend.score),
        articles=story.article_count,
        outlets=story.outlet_count,
        updated_at=story.last_at,
        hours=_hours(reported, moment),
        is_sample=story.is_sample,
    )


def _hours(reported: Sequence[datetime], moment: datetime) -> tuple[int, ...]:
    counts = [0] * HOURS
    for each in reported:
        back = int(max(0.0, (moment - each).total_seconds()) // 3600)
        if back < HOURS:
            counts[HOURS - 1 - back] += 1
    return tuple(counts)


def trend(session: Session, story_id: str) -> TrendView:
    """One trend. Raises `StoryNotFound`, `TrendNotFound`."""
    found, story = queries.trend(session, story_id)
    return TrendView(
        card=cards(session, [(found, story)])[0],
        parts=tuple(Part(words, float(found.parts[name]), share) for name, words, share in PARTS),
        facts=_facts(found),
        velocities=tuple(float(each["velocity"]) for each in found.history),
        turns=tuple(_turn(each) for each in reversed(found.turns)),
    )


def _facts(found: Trend) -> tuple[tuple[str, str], ...]:
    parts = found.parts
    return (
        ("Reports in the last 6 hours", f"{parts['recent']}, expected {parts['expected']:.1f}"),
        ("Surprise", f"{found.surprise:.1f} (an alarm from 3.0 on: a chance of one in a thousand)"),
        ("Slope", f"{found.slope:+.2f} (0 is steady)"),
        ("In a burst for", f"{parts['burst_hours']} hours"),
        ("Votes, comments, reports", f"{parts['up']}, {parts['comments']}, {parts['shares']}"),
        ("Velocity now, at its peak", f"{found.velocity:.1f}, {found.peak_velocity:.1f} an hour"),
    )


def _turn(each: dict[str, str]) -> Turn:
    return Turn(datetime.fromisoformat(each["at"]), BADGES[TrendState(each["to"])], each["why"])


def _address(state: TrendState, start: int = 0) -> str:
    return f"/trends?{urlencode({'show': state.value} | ({'start': start} if start else {}))}"


def _pager(state: TrendState | None, start: int, found: int) -> Pager:
    if state is None:
        return Pager()
    newer = _address(state, max(start - PAGE, 0)) if start else ""
    return Pager(newer, _address(state, start + PAGE) if found > PAGE else "")
