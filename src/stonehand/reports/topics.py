"""What a period was about: stories that grew, and phrases that were said more often than before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.reports.periods import Period
from stonehand.reports.sections import Figure, Section, Table
from stonehand.stories.models import Placement, Story
from stonehand.trends import queries as trends
from stonehand.trends.states import TrendState

READ = 1500  # articles whose phrases are counted
SHOWN = 15
PHRASES = 5  # of one article
NOTE = "States, scores and velocity of trends are those of the moment the report was made."
Spoken = Counter[str]
Grown = tuple[str, str, int, int]  # a story's id and title, its articles and outlets


def report(session: Session, period: Period, now: Spoken, before: Spoken) -> Section:
    """Stories, phrases and trends. The phrases of both periods are counted before, by a query of their own each."""
    since, until = period.ids
    found = _grown(session, since, until)
    states = sa.select(Story.state, sa.func.count()).where(Story.id >= since, Story.id < until).group_by(Story.state)
    begun = {state: number for state, number in session.execute(states)}  # noqa: C416
    known = trends.statistics(session, (period.until - period.since).days)
    turned = trends.turned(session, period.begins, period.ends)
    figures = [
        Figure("begun", "stories begun", sum(begun.values())),
        Figure("developing", "told by several outlets", begun.get("developing", 0)),
        Figure("largest", "articles of the largest", found[0][2] if found else None),
        Figure("viral", "turned viral", turned[TrendState.VIRAL]),
        Figure("score", "mean score of trends, 0 to 100", known["average_score"] if known["trends"] else None),
        Figure("velocity", "mean velocity", known["average_velocity"] if known["trends"] else None, "an hour"),
    ]
    rising = Table(
        "rising", "Said more often than before", ("phrase", "more", "now", "before"), _rising(now, before), "bars"
    )
    return Section("trends", "Trends", figures, [_stories(found), rising, *_trends(known, turned)], NOTE)


def _grown(session: Session, since: str, until: str) -> Sequence[Grown]:
    count, outlets = sa.func.count(), sa.func.count(sa.distinct(Placement.outlet))
    wish = (
        sa.select(Story.id, Story.title, count, outlets)
        .join(Placement, Placement.story_id == Story.id)
        .where(Placement.article_id >= since, Placement.article_id < until)
        .group_by(Story.id, Story.title)
        .order_by(count.desc(), Story.id)
        .limit(SHOWN)
    )
    return [(id_, title, number, several) for id_, title, number, several in session.execute(wish)]


def _stories(found: Sequence[Grown]) -> Table:
    rows = [(title, number, several) for _, title, number, several in found]
    links = [f"/stories/{story_id}" for story_id, *_ in found]
    return Table("stories", "Stories that grew most", ("story", "articles", "outlets"), rows, "bars", links)


def _trends(known: dict[str, Any], turned: dict[str, int]) -> list[Table]:
    states = [(state, count, turned[state]) for state, count in known["states"].items()]
    top = [(each["title"], each["score"]) for each in known["top"]]
    links = [f"/stories/{each['story_id']}" for each in known["top"]]
    return [
        Table("states", "Trends by state", ("state", "now", "turned to it"), states, "bars"),
        Table("top", "Trends with the highest scores", ("trend", "score"), top, "bars", links),
    ]


def _rising(now: Spoken, before: Spoken) -> list[tuple[str, int, int, int]]:
    rows = [(phrase, count - before[phrase], count, before[phrase]) for phrase, count in now.items() if count > 1]
    return sorted((row for row in rows if row[1] > 0), key=lambda row: (-row[1], row[0]))[:SHOWN]


def phrases(session: Session, period: Period) -> Spoken:
    """In how many originals of a period each main phrase stands: in the newest `READ` of them."""
    since, until = period.ids
    wish = sa.select(Analysis.key_phrases).join(Article, Article.id == Analysis.article_id)
    wish = wish.where(Article.id >= since, Article.id < until, Article.duplicate_of.is_(None))
    spoken: Spoken = Counter()
    for kept in session.scalars(wish.order_by(Article.id.desc()).limit(READ)):
        spoken.update({str(each["text"]).casefold() for each in kept[:PHRASES]})
    return spoken
