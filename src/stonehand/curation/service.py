"""The verbs of curation."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.curation import choosing, queries, wishes
from stonehand.curation.diversity import Rules
from stonehand.curation.errors import CurationEnded, NotYours, WeightsTaken, WeightsUnfit
from stonehand.curation.models import Curation, CurationItem, SavedWeights
from stonehand.curation.states import CurationState, ItemState, Kind
from stonehand.curation.weights import Weights
from stonehand.curation.wishes import Wish
from stonehand.db import Session
from stonehand.jobs import service as working
from stonehand.jobs.errors import JobBusy, JobNotFound
from stonehand.rubrics.measured import Measured
from stonehand.search import parsing
from stonehand.sources import service as sources

CHUNK = 500  # rows an INSERT


def rules(most: int | None = 20, **changes: float | bool | None) -> Rules:
    """The installation's caps and thresholds, with what somebody wants otherwise; None leaves a rule as it is."""
    settings = config.settings()
    usual = Rules(
        most=most,
        domain_cap=settings.domain_cap,
        duplicate=settings.dup_sim_threshold,
        cluster=settings.clustering_threshold,
        cluster_cap=settings.cluster_cap,
        by_cluster=settings.use_embedding_clustering,
        diversify=settings.diversify_results,
    )
    return Rules(**asdict(usual) | {name: value for name, value in changes.items() if value is not None})


def submit(session: Session, wish: Wish, by: str, job_id: str | None = None) -> Curation:
    """Ask for a curation: by a job of its own, unless one is named that does it.

    Raises `CurationUnfit`, `SearchMalformed`.
    """
    wish = wishes.check(wish)
    parsing.parse(wish.within)
    moment = db.now(session)
    made = Curation(
        id=db.new_id(),
        kind=wish.kind,
        topic=wish.topic,
        within=wish.within,
        weights=wish.weights.as_json(),
        weights_name=wish.weights_name,
        rules=asdict(wish.rules),
        with_sources=wish.with_sources and wish.kind == Kind.TOPIC,
        limit_seconds=wish.limit_seconds,
        total=len(wish.urls),
        created_by=by,
        created_at=moment,
    )
    made.job_id = job_id or jobs.enqueue(session, "curation.curate", {"curation_id": made.id}, asked_by=by[:120])
    session.add(made)
    session.flush()
    _add_items(session, made.id, [{"url": url} for url in wish.urls])
    _count(session, made)
    return made


def _add_items(session: Session, curation_id: str, found: Sequence[Mapping[str, str]]) -> None:
    empty: dict[str, Any] = dict.fromkeys(("entry_id", "article_id", "error", "score", "parts", "scored_at"))
    empty |= dict.fromkeys(("place", "left_out", "yields_to", "closeness", "cluster"))
    rows = [
        {**empty, "id": db.new_id(), "curation_id": curation_id, "position": at, **each}
        for at, each in enumerate(found)
    ]
    for row in rows:
        wrong = "" if row["article_id"] else wishes.wrong_with(row["url"] or "")
        row |= {"state": ItemState.FAILED if wrong else ItemState.WAITING, "error": wrong or None}
    for start in range(0, len(rows), CHUNK):
        session.execute(sa.insert(CurationItem), rows[start : start + CHUNK])


def begin(session: Session, found: Curation) -> None:
    """Its time runs from now on."""
    found.began_at = found.began_at or db.now(session)


def name_pages(session: Session, curation_id: str, most: int) -> int:
    """Put some of the addresses on the list of single pages, so that they are fetched. Returns how many it were."""
    found = queries.to_name(session, curation_id, most)
    for item in found:
        added = sources.add_page(session, item.url)
        item.entry_id = added.entry_id
        if added.entry_id is None:
            item.state, item.error = ItemState.FAILED, "this is no address that a page can have"
    session.flush()
    return len(found)


def take(session: Session, found: Curation, articles: Mapping[str, str]) -> None:
    """The articles that a topic leads to: addresses by id."""
    _add_items(session, found.id, [{"article_id": article_id, "url": url} for article_id, url in articles.items()])
    found.total = len(articles)
    gathered(session, found)


def gathered(session: Session, found: Curation) -> None:
    """It is known which articles are looked at."""
    found.gathered_at = db.now(session)


def record(session: Session, cards: Mapping[str, tuple[str, float, Mapping[str, Measured]]]) -> None:
    """Keep the cards of items: the article, the score and the parts of each."""
    moment = db.now(session)
    rows = [
        {
            "id": item_id,
            "article_id": article_id,
            "score": score,
            "parts": {name: [round(part.value, 2), part.reason] for name, part in parts.items()},
            "state": ItemState.SCORED,
            "scored_at": moment,
        }
        for item_id, (article_id, score, parts) in cards.items()
    ]
    if rows:
        session.execute(sa.update(CurationItem), rows)


def fail(session: Session, reasons: Mapping[str, str]) -> None:
    """Note why items cannot be scored."""
    rows = [{"id": item_id, "state": ItemState.FAILED, "error": why[:500]} for item_id, why in reasons.items()]
    if rows:
        session.execute(sa.update(CurationItem), rows)


def give_up(session: Session, found: Curation) -> int:
    """Its time is up: what was not read by now fails. Returns how many items that are."""
    waiting = sa.update(CurationItem).where(
        CurationItem.curation_id == found.id, CurationItem.state == ItemState.WAITING
    )
    why = f"it was not read within the time limit of {found.limit_seconds} s; give it more time, or try this one again"
    return len(session.scalars(waiting.values(state=ItemState.FAILED, error=why).returning(CurationItem.id)).all())


def choose(session: Session, found: Curation) -> None:
    """Say which of the scored items are chosen, as far as they are known."""
    choosing.place(session, found)
    _count(session, found)


def _count(session: Session, found: Curation) -> None:
    counts = queries.counts(session, found.id)
    found.scored, found.failed = counts[ItemState.SCORED], counts[ItemState.FAILED]
    placed = sa.select(sa.func.count()).where(CurationItem.curation_id == found.id, CurationItem.place.is_not(None))
    found.chosen = session.scalar(placed) or 0


def end(session: Session, found: Curation, state: CurationState, note: str = "") -> None:
    """Choose, and end it."""
    choose(session, found)
    found.state, found.ended_at, found.note = state, db.now(session), note


def stop(session: Session, person: Person, curation_id: str) -> Curation:
    """Stop it; what was scored by now stays. Raises `CurationNotFound`, `CurationEnded`."""
    found = queries.curation(session, curation_id)
    if queries.stand(session, found).state != CurationState.READING:
        raise CurationEnded("this curation has ended already, so there is nothing to stop")
    with suppress(JobBusy, JobNotFound):  # it may end in this very moment
        working.cancel(session, found.job_id or "")
    end(session, found, CurationState.STOPPED, f"{person.name} stopped it")
    accounts.record(session, person, "stopped", "curation", found.id)
    return found


def choose_again(session: Session, person: Person, curation_id: str, name: str, rules: Rules) -> Curation:
    """Judge the scored items anew, by other weights or rules. Raises `CurationNotFound`, `WeightsNotFound`."""
    found = queries.curation(session, curation_id)
    weights_name, weights = queries.weights(session, name or found.weights_name)
    wishes.check(Wish(topic="any", weights=weights, rules=rules))
    found.weights, found.weights_name, found.rules = weights.as_json(), weights_name, asdict(rules)
    choose(session, found)
    accounts.record(session, person, "judged anew", "curation", found.id, {"weights": weights_name})
    return found


def remove(session: Session, person: Person, curation_id: str) -> None:
    """Forget a curation; its articles stay. Raises `CurationNotFound`, and `CurationEnded` never."""
    found = queries.curation(session, curation_id)
    if queries.stand(session, found).state == CurationState.READING:
        stop(session, person, curation_id)
    session.delete(found)
    accounts.record(session, person, "removed", "curation", curation_id)


# ── weights ──


def save_weights(session: Session, person: Person, name: str, weights: Weights) -> SavedWeights:
    """Keep weights under a name; your own of that name are replaced. Raises `WeightsUnfit`, `WeightsTaken`."""
    called, moment = " ".join(name.split()), db.now(session)
    if not 0 < len(called) <= 60 or called == queries.STANDARD_NAME:
        raise WeightsUnfit("give the weights a name of 1 to 60 characters that is not 'standard'")
    found = session.scalars(sa.select(SavedWeights).where(SavedWeights.name == called)).first()
    if found is not None and found.user_id != person.id and not person.may("admin"):
        raise WeightsTaken(f"somebody else has saved weights {called!r}; choose another name")
    if found is None:
        found = SavedWeights(id=db.new_id(), name=called, user_id=person.id, created_at=moment)
        session.add(found)
    found.weights, found.updated_at = weights.as_json(), moment
    session.flush()
    accounts.record(session, person, "saved", "weights", found.id, {"name": called})
    return found


def use_weights(session: Session, person: Person, name: str) -> None:
    """What a wish without weights gets from now on. Raises `WeightsNotFound`."""
    called, _ = queries.weights(session, name or queries.STANDARD_NAME)
    session.execute(sa.update(SavedWeights).values(in_use=SavedWeights.name == called))
    accounts.record(session, person, "put in use", "weights", called)


def remove_weights(session: Session, person: Person, name: str) -> None:
    """Forget weights; what was judged by them stays. Raises `WeightsNotFound`, `NotYours`."""
    called, _ = queries.weights(session, name or "?")
    found = session.scalars(sa.select(SavedWeights).where(SavedWeights.name == called)).first()
    if found is None:
        raise WeightsUnfit("the standard weights cannot be removed")
    if found.user_id != person.id and not person.may("admin"):
        raise NotYours(f"somebody else saved the weights {called!r}; ask an administrator")
    session.delete(found)
    accounts.record(session, person, "removed", "weights", found.id, {"name": called})


# ── forgetting ──


def forget(session: Session, article_ids: Collection[str]) -> None:
    """Drop what curations say of these articles."""
    session.execute(sa.delete(CurationItem).where(CurationItem.article_id.in_(article_ids)))


def forget_urls(session: Session, urls: Iterable[str]) -> None:
    """Drop these addresses from curations."""
    session.execute(sa.delete(CurationItem).where(CurationItem.url.in_(list(urls))))
