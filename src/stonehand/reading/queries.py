"""Reads of reading that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.articles.states import State
from stonehand.db import Session, now
from stonehand.library import nearness
from stonehand.library.errors import NothingLikeIt
from stonehand.reading import levels, reasons
from stonehand.reading.errors import DigestNotFound
from stonehand.reading.levels import Scores
from stonehand.reading.models import (
    ArticleLevel,
    ArticleNeighbours,
    Assessment,
    Digest,
    ReaderLess,
    ReaderProfile,
    Reading,
    Recommendations,
)
from stonehand.reading.ranking import packing
from stonehand.reading.states import Difficulty, Phase
from stonehand.stories.models import Placement

MONTH = timedelta(days=30)
RELATED = 30  # of each kind, that related articles are chosen from


@dataclass(frozen=True)
class Shown:
    """An article in a list for a reader. `because` is the reason in words, `less` what to say to see less for it."""

    article_id: str
    title: str
    url: str
    outlet: str
    at: datetime
    score: float
    kind: str
    because: str
    less: dict[str, str]
    excerpt: str = ""
    language: str = ""
    is_sample: bool = False


def profile(session: Session, user_id: str) -> ReaderProfile | None:
    """What a reader said of themselves."""
    return session.get(ReaderProfile, user_id)


def less(session: Session, user_id: str) -> Sequence[ReaderLess]:
    """Of what a reader wants less, the latest first."""
    wish = sa.select(ReaderLess).where(ReaderLess.user_id == user_id)
    return session.scalars(wish.order_by(ReaderLess.created_at.desc(), ReaderLess.value)).all()


def assessment(session: Session, user_id: str) -> Assessment | None:
    """A reader's assessment."""
    return session.get(Assessment, user_id)


def scores(session: Session, user_id: str) -> Scores | None:
    """A reader's scores, if they took the assessment."""
    found = assessment(session, user_id)
    return Scores(found.be, found.do, found.have) if found else None


def article_levels(session: Session, article_ids: Collection[str]) -> dict[str, ArticleLevel]:
    """The phase and difficulty of those of these articles that have them."""
    found = session.scalars(sa.select(ArticleLevel).where(ArticleLevel.article_id.in_(article_ids)))
    return {each.article_id: each for each in found}


def locked(session: Session, user_id: str, article_ids: Collection[str]) -> set[str]:
    """Which of these articles the reader has not unlocked yet."""
    mine = scores(session, user_id)
    return {
        id_
        for id_, each in article_levels(session, article_ids).items()
        if not levels.allows(mine, Phase(each.phase), Difficulty(each.difficulty))
    }


def reading(session: Session, user_id: str, article_id: str) -> Reading | None:
    """How a reader stands to an article."""
    return session.get(Reading, (user_id, article_id))


def readings(session: Session, user_id: str, limit: int, start: int = 0) -> Sequence[Reading]:
    """What a reader did, the latest first."""
    wish = sa.select(Reading).where(Reading.user_id == user_id)
    return session.scalars(
        wish.order_by(Reading.updated_at.desc(), Reading.article_id).limit(limit).offset(start)
    ).all()


def progress(session: Session, user_id: str) -> dict[str, Any]:
    """What a reader has read, in numbers."""
    count, done = sa.func.count(), Reading.completed_at.is_not(None)
    since = now(session) - MONTH
    row = session.execute(
        sa.select(
            count.label("articles"),
            count.filter(done).label("completed"),
            count.filter(Reading.completed_at >= since).label("completed_30_days"),
            sa.func.coalesce(sa.func.sum(Reading.seconds), 0).label("seconds"),
            count.filter(Reading.liked).label("liked"),
            count.filter(Reading.saved).label("saved"),
            count.filter(Reading.rating.is_not(None)).label("rated"),
        ).where(Reading.user_id == user_id)
    ).one()
    phases = (
        sa.select(ArticleLevel.phase, count)
        .join(Reading, Reading.article_id == ArticleLevel.article_id)
        .where(Reading.user_id == user_id, done)
        .group_by(ArticleLevel.phase)
    )
    by_phase = dict.fromkeys((each.value for each in Phase), 0) | dict(session.execute(phases).all())
    return {**{name: int(value) for name, value in row._mapping.items()}, "by_phase": by_phase}


def recommended(session: Session, user_id: str, limit: int) -> tuple[list[Shown], datetime | None]:
    """What a reader is shown, and when it was made: without what they have read, or may not see, since then."""
    found = session.get(Recommendations, user_id)
    if found is None:
        return [], None
    ids = [each["article_id"] for each in found.items]
    out = _known(session, user_id, ids) | locked(session, user_id, ids)
    kept = [each for each in found.items if each["article_id"] not in out][:limit]
    return list(_shown(session, kept)), found.made_at


def _known(session: Session, user_id: str, ids: Collection[str]) -> set[str]:
    done = sa.or_(Reading.completed_at.is_not(None), Reading.dismissed)
    wish = sa.select(Reading.article_id).where(Reading.user_id == user_id, Reading.article_id.in_(ids), done)
    return set(session.scalars(wish))


def listed(session: Session, user_id: str, ranked: Sequence[tuple[str, float]], kind: str, limit: int) -> list[Shown]:
    """A list that is everybody's, without what this reader has not unlocked. `kind` says what kind of list it is."""
    shut = locked(session, user_id, [id_ for id_, _ in ranked])
    items = [
        {"article_id": id_, "score": score, "kind": kind, "detail": ""} for id_, score in ranked if id_ not in shut
    ]
    return list(_shown(session, items[:limit]))


def _shown(session: Session, items: Sequence[dict[str, Any]]) -> Iterator[Shown]:
    named = [each["detail"] for each in items if each["kind"] in ("alike", "readers")]
    ids = [each["article_id"] for each in items]
    found, outlets = articles.articles(session, {*ids, *named}), articles.outlets(session, ids)
    keys = _outlet_keys(session, ids)
    for each in items:
        article = found.get(each["article_id"])
        because = found.get(each["detail"])
        if article is None or article.state != State.EXTRACTED:
            continue
        title = (because.title or because.url) if because else "something that has gone"
        outlet = outlets.get(article.id, "")
        yield Shown(
            article_id=article.id,
            title=article.title or article.url,
            url=article.url,
            outlet=outlet,
            at=article.published_at or article.fetched_at,
            score=each["score"],
            kind=each["kind"],
            because=reasons.words(each["kind"], each["detail"], title),
            less=reasons.less(each["kind"], each["detail"], keys.get(article.id) or article.host),
            excerpt=article.excerpt,
            language=article.language_hint or "",
            is_sample=article.is_sample,
        )


def _outlet_keys(session: Session, ids: Sequence[str]) -> dict[str, str]:
    """The outlets of those that have a place in a story, as the catalogue knows them; the others go by their host."""
    rows = session.execute(sa.select(Placement.article_id, Placement.outlet).where(Placement.article_id.in_(ids)))
    return dict(rows.all())


def related(session: Session, article_id: str, limit: int) -> list[tuple[str, str, float]]:
    """Articles near to one, and why: of its story, close in meaning, or read by the same readers. Each once.

    Raises `ArticleNotFound`.
    """
    articles.article(session, article_id)
    found: dict[str, tuple[str, float]] = {}
    neighbours = session.get(ArticleNeighbours, article_id)
    for id_, weight in packing.unpack(neighbours.packed)[:RELATED] if neighbours else []:
        found.setdefault(id_, ("readers", round(weight, 4)))
    try:
        near = nearness.near(session, article_id)[:RELATED]
    except NothingLikeIt:
        near = []
    for place, id_ in enumerate(near):
        found.setdefault(id_, ("alike", round(1 / (1 + place), 4)))
    mine = sa.select(Placement.story_id).where(Placement.article_id == article_id).scalar_subquery()
    of_story = sa.select(Placement.article_id).where(Placement.story_id == mine, Placement.article_id != article_id)
    for id_ in session.scalars(of_story.order_by(Placement.reported_at.desc()).limit(RELATED)):
        found[id_] = ("same_story", 1.0)
    usable = _originals(session, found)
    return [(id_, kind, score) for id_, (kind, score) in _mixed(found) if id_ in usable][:limit]


def _mixed(found: dict[str, tuple[str, float]]) -> list[tuple[str, tuple[str, float]]]:
    """One of each kind by turns, the best first, so that no kind crowds out the others."""
    ranked: dict[str, list[tuple[str, tuple[str, float]]]] = {}
    for id_, (kind, score) in sorted(found.items(), key=lambda each: -each[1][1]):
        ranked.setdefault(kind, []).append((id_, (kind, score)))
    turns = [(place, kind, each) for kind, some in ranked.items() for place, each in enumerate(some)]
    return [each for _, _, each in sorted(turns, key=lambda turn: (turn[0], turn[1]))]


def _originals(session: Session, ids: Collection[str]) -> set[str]:
    wish = sa.select(Article.id).where(Article.id.in_(ids), Article.duplicate_of.is_(None))
    return set(session.scalars(wish.where(Article.state == State.EXTRACTED)))


def digest(session: Session, digest_id: str) -> Digest:
    """A digest. Raises `DigestNotFound`."""
    found = session.get(Digest, digest_id)
    if found is None:
        raise DigestNotFound(f"there is no digest {digest_id}; it may have been removed")
    return found


def digests(session: Session, limit: int, before: str | None = None) -> Sequence[Digest]:
    """Digests, the newest first; `before` is the id of the last one seen."""
    wish = sa.select(Digest).order_by(Digest.id.desc()).limit(limit)
    return session.scalars(wish.where(Digest.id < before) if before else wish).all()


def languages_here(session: Session) -> list[str]:
    """The languages of the articles that were analysed lately."""
    latest = sa.select(Analysis.language).order_by(Analysis.article_id.desc()).limit(2000).subquery()
    wish = sa.select(latest.c.language).group_by(latest.c.language).order_by(sa.func.count().desc())
    return list(session.scalars(wish.limit(12)))
