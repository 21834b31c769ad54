"""What the page of an article knows of its reader, and what else they may want to read."""

from __future__ import annotations

from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.reading import queries
from stonehand.reading.levels import REQUIRED
from stonehand.reading.models import ArticleLevel
from stonehand.reading.states import Difficulty
from stonehand.rubrics import queries as rubrics
from stonehand.web.pages.for_you import ReaderBox
from stonehand.web.pages.parts import Link

RELATED = 6
WHY = {"same_story": "same story", "alike": "close in meaning", "readers": "same readers"}


def look(session: Session, person_id: str, article_id: str, minutes: int) -> ReaderBox:
    """How a reader stands to an article."""
    found = queries.reading(session, person_id, article_id)
    level = queries.article_levels(session, [article_id]).get(article_id)
    locked = bool(queries.locked(session, person_id, [article_id]))
    required = REQUIRED[Difficulty(level.difficulty)] if level else 0
    return ReaderBox(
        liked=bool(found and found.liked),
        rating=(found.rating if found else 0) or 0,
        scroll=found.scroll if found else 0,
        completed=bool(found and found.completed_at),
        minutes=max(1, minutes),
        level=f"{level.phase} · {level.difficulty}" if level else "",
        locked=f"A score of {required} in {level.phase} unlocks it." if level and locked else "",
        related=_related(session, person_id, article_id),
        phase=level.phase if level else "",
        difficulty=level.difficulty if level else "",
        by_hand=bool(level and level.origin == "person"),
        level_by=_by(session, level) if level else "",
    )


def _by(session: Session, level: ArticleLevel) -> str:
    """Who says so, and how sure a rubric is."""
    if level.origin == "person":
        return "said by hand"
    rubric = rubrics.leveller(session)
    score = rubrics.scores(session, rubric.id, [level.article_id]).get(level.article_id) if rubric else None
    return f"says the rubric {rubric.name}, {score.confidence:.0%} sure" if rubric and score else "says a rubric"


def _related(session: Session, person_id: str, article_id: str) -> tuple[tuple[Link, str], ...]:
    found = queries.related(session, article_id, 3 * RELATED)
    locked = queries.locked(session, person_id, [id_ for id_, _, _ in found])
    kept = [(id_, kind) for id_, kind, _ in found if id_ not in locked][:RELATED]
    titles = articles.articles(session, [id_ for id_, _ in kept])
    return tuple(
        (Link(titles[id_].title or titles[id_].url, f"/articles/{id_}"), WHY[kind])
        for id_, kind in kept
        if id_ in titles
    )
