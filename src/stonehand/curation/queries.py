"""Reads of curations that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stonehand.analysis.models import Analysis
from stonehand.articles.models import Article
from stonehand.articles.states import State as ArticleState
from stonehand.curation.errors import CurationNotFound, ItemNotFound, WeightsNotFound
from stonehand.curation.models import Curation, CurationItem, SavedWeights
from stonehand.curation.states import CurationState, ItemState
from stonehand.curation.weights import Weights, of_json
from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.jobs.states import FINISHED, State
from stonehand.sources.models import Entry, EntryState

STANDARD_NAME = "standard"
SETTLED = (CurationState.DONE, CurationState.LIMITED, CurationState.STOPPED)


@dataclass(frozen=True)
class Stand:
    """How a curation stands. `trouble` is why its job died, if it did."""

    state: CurationState
    trouble: str = ""
    message: str = ""


@dataclass(frozen=True)
class Failure:
    """Why an item cannot be scored."""

    item_id: str
    reason: str


def curation(session: Session, curation_id: str) -> Curation:
    """The curation. Raises `CurationNotFound`."""
    found = session.get(Curation, curation_id)
    if found is None:
        raise CurationNotFound(f"there is no curation {curation_id[:64]}; it may have been removed")
    return found


def of_job(session: Session, job_id: str) -> Curation | None:
    """The curation that this job makes, if it has begun."""
    return session.scalar(sa.select(Curation).where(Curation.job_id == job_id))


def recent(session: Session, limit: int = 50, before: str | None = None) -> Sequence[Curation]:
    """Curations, newest first."""
    wish = sa.select(Curation).order_by(Curation.id.desc()).limit(limit)
    return session.scalars(wish.where(Curation.id < before) if before else wish).all()


def stand(session: Session, found: Curation) -> Stand:
    """How it stands. A job that somebody cancelled, or that died, has stopped it."""
    if found.state in SETTLED:
        return Stand(CurationState(found.state))
    job = session.get(Job, found.job_id) if found.job_id else None
    if job is None or State(job.state) in FINISHED:
        died = job is not None and job.state not in (State.CANCELLED, State.COMPLETED)
        return Stand(CurationState.STOPPED, (job.error or "its job died") if job and died else "")
    return Stand(CurationState.READING, message=job.message or "")


def items(session: Session, curation_id: str, states: Collection[ItemState] = ()) -> Sequence[CurationItem]:
    """The items of a curation: what was chosen first, then by score."""
    wish = sa.select(CurationItem).where(CurationItem.curation_id == curation_id)
    if states:
        wish = wish.where(CurationItem.state.in_(states))
    placed = (CurationItem.place.is_(None), CurationItem.place, sa.func.coalesce(CurationItem.score, -1).desc())
    return session.scalars(wish.order_by(*placed, CurationItem.position)).all()


def item(session: Session, curation_id: str, item_id: str) -> CurationItem:
    """One item, by its id or its article's. Raises `ItemNotFound`."""
    named = sa.or_(CurationItem.id == item_id, CurationItem.article_id == item_id)
    found = session.scalars(sa.select(CurationItem).where(CurationItem.curation_id == curation_id, named)).first()
    if found is None:
        raise ItemNotFound(f"curation {curation_id} holds no article {item_id[:64]}; look at its results")
    return found


def to_name(session: Session, curation_id: str, most: int) -> Sequence[CurationItem]:
    """Addresses that were not asked for yet."""
    wish = sa.select(CurationItem).where(
        CurationItem.curation_id == curation_id,
        CurationItem.state == ItemState.WAITING,
        CurationItem.entry_id.is_(None),
        CurationItem.article_id.is_(None),
    )
    return session.scalars(wish.order_by(CurationItem.position).limit(most)).all()


def ready(session: Session, curation_id: str, most: int) -> dict[str, str]:
    """Items whose article can be scored now: the article's id, by the item's."""
    article_id = sa.func.coalesce(CurationItem.article_id, Entry.article_id)
    wish = (
        _waiting(curation_id, CurationItem.id, article_id)
        .join(Analysis, Analysis.article_id == article_id)
        .order_by(CurationItem.position)
        .limit(most)
    )
    return {row[0]: row[1] for row in session.execute(wish)}


def hopeless(session: Session, curation_id: str, most: int) -> list[Failure]:
    """Items whose page did not come, or holds no article."""
    article_id = sa.func.coalesce(CurationItem.article_id, Entry.article_id)
    columns = (CurationItem.id, Entry.state, Entry.error, Article.state, Article.error)
    bad = sa.or_(
        sa.and_(Entry.state == EntryState.FAILED, Entry.article_id.is_(None)),
        sa.and_(Entry.state == EntryState.SKIPPED, Entry.article_id.is_(None)),
        Article.state.in_([ArticleState.UNREADABLE, ArticleState.GONE]),
    )
    wish = _waiting(curation_id, *columns).outerjoin(Article, Article.id == article_id).where(bad).limit(most)
    return [Failure(row[0], _reason(row[1], row[2], row[3], row[4])) for row in session.execute(wish)]


def _reason(entry_state: str | None, entry_error: str | None, article_state: str | None, error: str | None) -> str:
    if article_state == ArticleState.GONE:
        return "this article was forgotten on request"
    if article_state == ArticleState.UNREADABLE:
        return f"the page holds no article: {error or 'nothing to read was found'}"
    said = entry_error or "nobody knows why"
    return f"it was left out by a rule of its source: {said}" if entry_state == EntryState.SKIPPED else said


def _waiting(curation_id: str, *columns: Any) -> sa.Select[Any]:
    wish = sa.select(*columns).select_from(CurationItem).outerjoin(Entry, Entry.id == CurationItem.entry_id)
    return wish.where(CurationItem.curation_id == curation_id, CurationItem.state == ItemState.WAITING)


def counts(session: Session, curation_id: str) -> dict[ItemState, int]:
    """How many items are in each state."""
    wish = sa.select(CurationItem.state, sa.func.count()).where(CurationItem.curation_id == curation_id)
    found = dict(session.execute(wish.group_by(CurationItem.state)).all())
    return {state: found.get(state, 0) for state in ItemState}


def saved(session: Session) -> Sequence[SavedWeights]:
    """Every set of weights, by name."""
    return session.scalars(sa.select(SavedWeights).order_by(SavedWeights.name)).all()


def weights(session: Session, name: str = "") -> tuple[str, Weights]:
    """The weights of this name; without one those in use, or the standard. Raises `WeightsNotFound`."""
    if name == STANDARD_NAME:
        return STANDARD_NAME, Weights()
    which = SavedWeights.in_use if not name else sa.or_(SavedWeights.name == name, SavedWeights.id == name)
    found = session.scalars(sa.select(SavedWeights).where(which)).first()
    if found is None and name:
        raise WeightsNotFound(f"there are no weights {name[:100]!r}; save some, or take {STANDARD_NAME!r}")
    return (found.name, of_json(found.weights)) if found else (STANDARD_NAME, Weights())
