"""What a period was about: stories that grew, and phrases that were said more often than before."""

from __future__ import annotations

from collections import Counter

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
Spoken = Counter[str]


def report(session: Session, period: Period, now: Spoken, before: Spoken) -> Section:
    """Stories and phrases. The phrases of both periods are counted before: they take a query of their own each."""
    since, until = period.ids
    count, outlets = sa.func.count(), sa.func.count(sa.distinct(Placement.outlet))
    grown = (
        sa.select(Story.id, Story.title, count, outlets)
        .join(Placement, Placement.story_id == Story.id)
        .where(Placement.article_id >= since, Placement.article_id < until)
        .group_by(Story.id, Story.title)
        .order_by(count.desc(), Story.id)
        .limit(SHOWN)
    )
    found = session.execute(grown).all()
    known = trends.statistics(session, (period.until - period.since).days)
    turned = trends.turned(session, period.begins, period.ends)
    states = sa.select(Story.state, count).where(Story.id >= since, Story.id < until).group_by(Story.state)
    begun = {state: number for state, number in session.execute(states)}  # noqa: C416
    return Section(
        "trends",
        "Trends",
        [
            Figure("begun", "stories begun", sum(begun.values())),
            Figure("developing", "told by several outlets", begun.get("developing", 0)),
            Figure("largest", "articles of the largest", found[0][2] if found else None),
            Figure("viral", "turned viral", turned[TrendState.VIRAL]),
            Figure("score", "mean score of trends, 0 to 100", known["average_score"] if known["trends"] else None),
            Figure("velocity", "mean velocity", known["average_velocity"] if known["trends"] else None, "an hour"),
        ],
        [
            Table(
                "states",
                "Trends by state",
                ("state", "now", "turned to it"),
                [(state, count, turned[state]) for state, count in known["states"].items()],
                "bars",
            ),
            Table(
                "top",
                "Trends with the highest scores",
                ("trend", "score"),
                [(each["title"], each["score"]) for each in known["top"]],
                "bars",
                [f"/stories/{each['story_id']}" for each in known["top"]],
            ),
            Table(
                "stories",
                "Stories that grew most",
                ("story", "articles", "outlets"),
                [(title, number, several) for _, title, number, several in found],
                "bars",
                [f"/stories/{story_id}" for story_id, *_ in found],
            ),
            Table(
                "rising",
                "Said more often than before",
                ("phrase", "more", "now", "before"),
                _rising(now, before),
                "bars",
            ),
        ],
        "States, scores and velocity of trends are those of the moment the report was made.",
    )


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
