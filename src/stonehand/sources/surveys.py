"""Looking at many sources at once, trying one out, and how each kind of source is doing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand import registry
from stonehand.db import Session
from stonehand.errors import Rejected
from stonehand.jobs import queries as jobs
from stonehand.jobs.limits import limit_queries
from stonehand.jobs.models import Job
from stonehand.jobs.states import FINISHED, State
from stonehand.sources import service
from stonehand.sources.models import Entry, EntryState, Source, SourceState
from stonehand.sources.queries import BROKEN, CHUNK

MOST_REASONS = 50


class KindUnknown(Rejected):
    """There is no such kind of source, or no source of it."""


class AddressesMissing(Rejected):
    """A list of addresses is empty or too long."""


def polled(session: Session, kind: str = "", within: int | None = None) -> list[str]:
    """Ids of the sources that are looked at, perhaps of one kind, or looked at at least every `within` seconds.

    One that somebody has paused is left out: whoever waits for all looks would wait until it goes on.
    """
    known = registry.names("source")
    if kind and kind not in known:
        raise KindUnknown(f"there is no kind of source {kind!r}; the kinds are {', '.join(known)}")
    kinds = [each for each in ([kind] if kind else known) if registry.find("source", each).polled]
    wish = sa.select(Source.id).where(Source.kind.in_(kinds), Source.state != SourceState.PAUSED)
    if within is not None:
        wish = wish.where(Source.interval_seconds <= within)
    held = {each.target for each in limit_queries.paused(session)}
    return [each for each in session.scalars(wish.order_by(Source.id)) if f"source:{each}" not in held]


def ask_all(session: Session, ids: Sequence[str]) -> list[str]:
    """Ask for a look at each. Returns the jobs, also those that waited already."""
    found = []
    for source_id in ids:
        job_id = service.poll_now(session, source_id)
        waiting = None if job_id else jobs.unfinished_as(session, f"sources.poll:{source_id}")
        found.extend([job_id] if job_id else [waiting.id] if waiting else [])
    return found


def tally(session: Session, ids: Sequence[str]) -> dict[str, Any] | None:
    """What these looks have brought, and by source why some failed, as soon as all have ended; None before."""
    looks = session.scalars(sa.select(Job).where(Job.id.in_(ids))).all()
    if any(State(look.state) not in FINISHED for look in looks):
        return None
    reasons = {str(look.args.get("source_id", look.id)): why for look in looks if (why := _why_failed(look))}
    new = sum(int((look.result or {}).get("new", 0)) for look in looks)
    told = {"sources": len(ids), "failed": len(reasons), "items_collected": new, "total": new}
    return told | ({"errors": dict(list(reasons.items())[:MOST_REASONS])} if reasons else {})


def _why_failed(look: Job) -> str:
    if look.state == State.COMPLETED:
        return str((look.result or {}).get("error") or "")
    return look.error or f"the look was {look.state}"


def processed(session: Session, ids: Sequence[str], since: datetime) -> dict[str, int] | None:
    """How many of the entries that these sources have named since were read, as soon as none waits; None before."""
    counted = dict.fromkeys(EntryState, 0)
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        rows = session.execute(
            sa.select(Entry.state, sa.func.count())
            .where(Entry.source_id.in_(chunk), Entry.seen_at >= since)
            .group_by(Entry.state)
        )
        for state, count in rows:
            counted[EntryState(state)] += count
    if counted[EntryState.NEW]:
        return None
    return {
        "items_processed": counted[EntryState.FETCHED],
        "items_failed": counted[EntryState.FAILED],
        "items_skipped": counted[EntryState.SKIPPED],
    }


def first_of(session: Session, kind: str) -> str:
    """A source of this kind, one that works if there is one. Raises `KindUnknown`."""
    wish = sa.select(Source.id).where(Source.kind == kind).order_by(Source.failure_streak, Source.id)
    found = session.scalar(wish.limit(1))
    if found is None:
        raise KindUnknown(f"there is no source of the kind {kind!r} to try; add one first")
    return found


def by_kind(session: Session) -> dict[str, dict[str, Any]]:
    """How many sources of each kind there are, how many fail, and how many of all their looks went well."""
    rows = session.execute(
        sa.select(Source.kind, Source.state, Source.polls_total, Source.polls_failed).order_by(Source.kind)
    )
    found: dict[str, dict[str, Any]] = defaultdict(lambda: {"sources": 0, "failing": 0, "looks": 0, "failed": 0})
    for kind, state, total, failed in rows:
        entry = found[kind]
        entry["sources"] += 1
        entry["failing"] += state in BROKEN
        entry["looks"] += total
        entry["failed"] += failed
    for entry in found.values():
        entry["success_rate"] = round(1 - entry["failed"] / entry["looks"], 3) if entry["looks"] else None
    return dict(found)
