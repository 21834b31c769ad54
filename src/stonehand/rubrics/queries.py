"""Questions about rubrics."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article
from stonehand.db import Session, now
from stonehand.rubrics.errors import RubricNotFound, TrialNotFound
from stonehand.rubrics.models import Calibration, Judgement, Rubric, RubricVersion, Score, Trial, TrialItem

DAYS = 30
MOST_REPLAYED = 300
LEVELLER = "be-do-have"
"""The rubric by which articles get the level that opens them to readers."""
MOST_COUNTED, MOST_LOOKED_AT = 10_000, 5000


@dataclass(frozen=True)
class Tally:
    """How many articles have a label, and their mean score."""

    label: str
    articles: int
    mean: float


def rubrics(session: Session) -> Sequence[Rubric]:
    """All of them, by name."""
    return session.scalars(sa.select(Rubric).order_by(Rubric.name)).all()


def rubric(session: Session, key: str) -> Rubric:
    """By id or slug. Raises `RubricNotFound`."""
    found = session.scalar(sa.select(Rubric).where(sa.or_(Rubric.id == key, Rubric.slug == key)))
    if found is None:
        raise RubricNotFound(f"there is no rubric {key!r}; `stonehand rubric list` shows what there is")
    return found


def leveller(session: Session) -> Rubric | None:
    """The rubric by which articles get their level, if the presets are installed."""
    return session.scalar(sa.select(Rubric).where(Rubric.slug == LEVELLER))


def version(session: Session, rubric_id: str, number: int) -> RubricVersion:
    """One version. Raises `RubricNotFound`."""
    found = session.get(RubricVersion, (rubric_id, number))
    if found is None:
        raise RubricNotFound(f"the rubric has no version {number}")
    return found


def versions(session: Session, rubric_id: str) -> Sequence[RubricVersion]:
    """All versions, the newest first."""
    wish = sa.select(RubricVersion).where(RubricVersion.rubric_id == rubric_id)
    return session.scalars(wish.order_by(RubricVersion.number.desc()).limit(200)).all()


def scores_of(session: Session, article_id: str) -> Sequence[tuple[Score, Rubric]]:
    """What every rubric says of an article."""
    wish = sa.select(Score, Rubric).join(Rubric, Rubric.id == Score.rubric_id).where(Score.article_id == article_id)
    return [(score, rubric) for score, rubric in session.execute(wish.order_by(Rubric.name))]


def scores(session: Session, rubric_id: str, ids: Sequence[str]) -> dict[str, Score]:
    """What a rubric says of these articles, by id."""
    wish = sa.select(Score).where(Score.rubric_id == rubric_id, Score.article_id.in_(ids))
    return {score.article_id: score for score in session.scalars(wish)}


def tallies(session: Session, rubric_id: str) -> list[Tally]:
    """How its scores of the newest 10,000 articles are spread over its labels, the commonest first."""
    newest = sa.select(Score.label, Score.score).where(Score.rubric_id == rubric_id)
    some = newest.order_by(Score.article_id.desc()).limit(MOST_COUNTED).subquery()
    wish = (
        sa.select(some.c.label, sa.func.count(), sa.func.avg(some.c.score))
        .group_by(some.c.label)
        .order_by(sa.func.count().desc(), some.c.label)
        .limit(50)
    )
    return [Tally(label, count, round(float(mean), 1)) for label, count, mean in session.execute(wish)]


def count_scored(session: Session, rubric_id: str, most: int = 1000) -> int:
    """How many articles it has scored, counted up to `most`."""
    some = sa.select(Score.article_id).where(Score.rubric_id == rubric_id).limit(most)
    return session.scalar(sa.select(sa.func.count()).select_from(some.subquery())) or 0


def scored(session: Session, rubric_id: str, limit: int, label: str = "") -> Sequence[tuple[Score, Article]]:
    """Articles that it scored last, perhaps those with a label."""
    wish = sa.select(Score, Article).join(Article, Article.id == Score.article_id).where(Score.rubric_id == rubric_id)
    if label:
        wish = wish.where(Score.label == label)
    return [(score, one) for score, one in session.execute(wish.order_by(Score.article_id.desc()).limit(limit))]


def unscored(session: Session, rubric: Rubric, limit: int) -> Sequence[str]:
    """Of the 5,000 newest articles of the last 30 days those, newest first, whose text this version has not scored."""
    recent = Analysis.updated_at >= now(session) - timedelta(days=DAYS)
    wish = sa.select(Analysis.article_id, Analysis.updated_at).where(recent)
    newest = wish.order_by(Analysis.article_id.desc()).limit(MOST_LOOKED_AT).subquery()
    scored_now = sa.exists().where(
        Score.article_id == newest.c.article_id,
        Score.rubric_id == rubric.id,
        Score.version == rubric.version,
        Score.scored_at >= newest.c.updated_at,
    )
    todo = sa.select(newest.c.article_id).where(~scored_now).order_by(newest.c.article_id.desc())
    return session.scalars(todo.limit(limit)).all()


def recent_articles(session: Session, limit: int = MOST_REPLAYED) -> Sequence[str]:
    """Analysed articles of the last 30 days, the newest first."""
    since = now(session) - timedelta(days=DAYS)
    wish = sa.select(Analysis.article_id).join(Article, Article.id == Analysis.article_id)
    chosen = wish.where(Article.fetched_at >= since, Article.duplicate_of.is_(None))
    return session.scalars(chosen.order_by(Article.id.desc()).limit(limit)).all()


def judgements(session: Session, rubric_id: str, limit: int = 5000) -> Sequence[Judgement]:
    """What people said, the latest first."""
    wish = sa.select(Judgement).where(Judgement.rubric_id == rubric_id)
    return session.scalars(wish.order_by(Judgement.said_at.desc()).limit(limit)).all()


def judged(session: Session, rubric_id: str, article_ids: Collection[str]) -> dict[str, Judgement]:
    """What people said of these articles by one rubric, by article."""
    own = (Judgement.rubric_id == rubric_id, Judgement.article_id.in_(article_ids))
    return {each.article_id: each for each in session.scalars(sa.select(Judgement).where(*own))}


def judgements_of(session: Session, article_id: str) -> dict[str, Judgement]:
    """What was said of an article, by rubric."""
    return {
        each.rubric_id: each for each in session.scalars(sa.select(Judgement).where(Judgement.article_id == article_id))
    }


def calibration(session: Session, rubric_id: str) -> Calibration | None:
    """What was learnt for a rubric, if anything."""
    return session.get(Calibration, rubric_id)


def trial(session: Session, trial_id: str) -> Trial:
    """One replay or rerun. Raises `TrialNotFound`."""
    found = session.get(Trial, trial_id)
    if found is None:
        raise TrialNotFound(f"there is no replay or rerun {trial_id}; it may have been tidied away")
    return found


def trials(session: Session, rubric_id: str | None = None, limit: int = 20) -> Sequence[Trial]:
    """Replays and reruns, the latest first."""
    wish = sa.select(Trial).order_by(Trial.id.desc()).limit(limit)
    return session.scalars(wish if rubric_id is None else wish.where(Trial.rubric_id == rubric_id)).all()


def trial_items(session: Session, trial_id: str, limit: int = 50, only: str = "") -> Sequence[tuple[TrialItem, str]]:
    """Articles of a trial with their titles, those that differ first; `only` = `differing` leaves the others out."""
    wish = sa.select(TrialItem, Article.title).join(Article, Article.id == TrialItem.article_id)
    wish = wish.where(TrialItem.trial_id == trial_id)
    if only == "differing":
        wish = wish.where(TrialItem.differs.is_(True))
    ordered = wish.order_by(TrialItem.differs.desc(), TrialItem.article_id.desc()).limit(limit)
    return [(item, title) for item, title in session.execute(ordered)]
