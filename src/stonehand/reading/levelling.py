"""Levels of articles: what a person says of one; else what the rubric Be-Do-Have says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.reading.models import BY_RUBRIC, ArticleLevel
from stonehand.reading.states import Difficulty, Phase
from stonehand.rubrics import queries as rubrics
from stonehand.rubrics.models import Score

GAUGE = "Difficulty"  # of the rubric, whose bands are named as our difficulties are
Level = tuple[Phase, Difficulty]


def set_level(session: Session, person: Person, article_id: str, phase: Phase, difficulty: Difficulty) -> ArticleLevel:
    """Say of which phase and difficulty an article is. What a person said, no rubric changes."""
    articles.article(session, article_id)
    _place(session, {article_id: (phase, difficulty)}, person.id)
    accounts.record(session, person, "levelled", "article", article_id, {"phase": phase, "difficulty": difficulty})
    return session.get_one(ArticleLevel, article_id, populate_existing=True)


def clear_level(session: Session, person: Person, article_id: str) -> ArticleLevel | None:
    """Take back what a person said, so that the rubric's level holds again, if it has one."""
    articles.article(session, article_id)
    session.execute(sa.delete(ArticleLevel).where(ArticleLevel.article_id == article_id))
    follow(session, [article_id])
    accounts.record(session, person, "levelled", "article", article_id, {"phase": None, "difficulty": None})
    return session.get(ArticleLevel, article_id, populate_existing=True)


def follow(session: Session, article_ids: Collection[str]) -> None:
    """Let these articles have the level that the rubric gives them, but for those of which a person said one."""
    said = by_rubric(session, article_ids)
    _place(session, said, f"{BY_RUBRIC}{rubrics.LEVELLER}")
    gone = [each for each in article_ids if each not in said]
    of_rubric = (ArticleLevel.article_id.in_(gone), ArticleLevel.said_by.startswith(BY_RUBRIC))
    session.execute(sa.delete(ArticleLevel).where(*of_rubric))


def by_rubric(session: Session, article_ids: Collection[str]) -> dict[str, Level]:
    """The level that the rubric gives those of these articles that it has judged."""
    rubric = rubrics.leveller(session)
    if rubric is None:
        return {}
    judged = rubrics.judged(session, rubric.id, article_ids)
    found = {
        article_id: _level(score, judged[article_id].label if article_id in judged else score.label)
        for article_id, score in rubrics.scores(session, rubric.id, list(article_ids)).items()
    }
    return {article_id: level for article_id, level in found.items() if level is not None}


def _level(score: Score, phase: str) -> Level | None:
    """None where somebody has given the rubric other labels or bands than ours."""
    band = next((each["band"] for each in score.gauges if each["name"] == GAUGE), "")
    fits = phase in set(Phase) and band in set(Difficulty)
    return (Phase(phase), Difficulty(band)) if fits else None


def _place(session: Session, said: Mapping[str, Level], by: str) -> None:
    if not said:
        return
    moment = db.now(session)
    rows: list[dict[str, Any]] = [
        {"article_id": each, "phase": phase.value, "difficulty": difficulty.value, "said_by": by, "said_at": moment}
        for each, (phase, difficulty) in said.items()
    ]
    made = db.insert(session, ArticleLevel)
    newer = {name: made.excluded[name] for name in ("phase", "difficulty", "said_by", "said_at")}
    may = ArticleLevel.said_by.startswith(BY_RUBRIC) if by.startswith(BY_RUBRIC) else None
    session.execute(made.on_conflict_do_update(index_elements=["article_id"], set_=newer, where=may), rows)
