"""Reads of sources and entries that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import sqlalchemy as sa

from stonehand.db import Session, first_id
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.sources.addresses import canonical_url
from stonehand.sources.models import Entry, Source, SourceState
from stonehand.sources.opml import Outline
from stonehand.sources.readings import FeedEntry

CHUNK = 500  # values in one IN (...)
BROKEN = (SourceState.FAILING, SourceState.DEAD)


@dataclass(frozen=True)
class Looks:
    """How looking at the sources goes: the latest look, the earliest one due, and how many sources are broken."""

    last_at: datetime | None
    due_at: datetime | None
    broken: int


def all_sources(session: Session) -> Sequence[Source]:
    """Every source, those in trouble first, then by title."""
    return session.scalars(sa.select(Source).order_by(Source.failure_streak.desc(), Source.title, Source.id)).all()


def by_ids(session: Session, ids: Collection[str]) -> Sequence[Source]:
    """Those of these sources that are here."""
    return session.scalars(sa.select(Source).where(Source.id.in_(ids))).all()


def of_kind(session: Session, kind: str) -> Sequence[Source]:
    """The sources of one kind, by title."""
    return session.scalars(sa.select(Source).where(Source.kind == kind).order_by(Source.title, Source.id)).all()


def source_named(session: Session, address: str) -> Source | None:
    """The source that is told from others by this address; see `kinds.address`."""
    return session.scalars(sa.select(Source).where(Source.address == address)).one_or_none()


def in_trouble(session: Session) -> Sequence[Source]:
    """Sources that somebody should look at: failing or dead."""
    return session.scalars(
        sa.select(Source).where(Source.state.in_(BROKEN)).order_by(Source.failure_streak.desc())
    ).all()


def looks(session: Session) -> Looks:
    """How looking at the sources goes."""
    broken = sa.func.count().filter(Source.state.in_(BROKEN))
    last, due_at, count = session.execute(
        sa.select(sa.func.max(Source.last_poll_at), sa.func.min(Source.next_poll_at), broken)
    ).one()
    return Looks(last, due_at, int(count))


def due(session: Session, now: datetime, most: int) -> list[dict[str, str]]:
    """`{"source_id": ...}` of each source whose time has come, the longest waiting first."""
    ids = session.scalars(
        sa.select(Source.id).where(Source.next_poll_at <= now).order_by(Source.next_poll_at).limit(most)
    )
    return [{"source_id": source_id} for source_id in ids]


def died(session: Session, now: datetime) -> list[tuple[str, str]]:
    """Sources whose time has come and whose last look ended as a dead letter, so that it said nothing; and why."""
    look = sa.literal("sources.poll:") + Source.id
    since = sa.func.coalesce(Source.last_poll_at, Source.created_at)
    found = session.execute(
        sa.select(Source.id, sa.func.max(Job.error))
        .join(Job, Job.unique_key == look)
        .where(Source.next_poll_at <= now, Job.state == State.DISCARDED, Job.finished_at > since)
        .group_by(Source.id)
    )
    return [(source_id, error or "") for source_id, error in found]


def entries_of(session: Session, source_id: str, limit: int = 50, before: str | None = None) -> Sequence[Entry]:
    """Entries of a source, newest first; `before` is the id of the last one seen."""
    query = sa.select(Entry).where(Entry.source_id == source_id).order_by(Entry.id.desc()).limit(limit)
    return session.scalars(query.where(Entry.id < before) if before else query).all()


def found_per_day(session: Session, ids: Collection[str], now: datetime, days: int = 14) -> dict[str, tuple[int, ...]]:
    """How many entries each of these sources named on each of the last `days` days (UTC), oldest first."""
    last = now.astimezone(UTC).date()
    starts = [datetime.combine(last - timedelta(days=back), time(), UTC) for back in range(days - 1, -1, -1)]
    # An id tells when its row was made, so that the index over sources and ids answers alone.
    edges = [first_id(start) for start in starts]
    day = sa.case(*((Entry.id >= edge, at) for at, edge in reversed(list(enumerate(edges))))).label("day")
    mine = sa.select(Entry.source_id, day, sa.func.count()).where(Entry.source_id.in_(ids), Entry.id >= edges[0])
    rows = session.execute(mine.group_by(Entry.source_id, "day"))
    found: dict[str, list[int]] = {}
    for source_id, at, count in rows:
        found.setdefault(source_id, [0] * days)[at] = count
    return {source_id: tuple(counts) for source_id, counts in found.items()}


def health(session: Session, states: Collection[str] = (), limit: int = 100, offset: int = 0) -> Sequence[Source]:
    """Sources in these states or in any, those in trouble first, then by title."""
    query = sa.select(Source).order_by(Source.failure_streak.desc(), Source.title, Source.id)
    if states:
        query = query.where(Source.state.in_(states))
    return session.scalars(query.limit(limit).offset(offset)).all()


def counts(session: Session) -> dict[str, int]:
    """How many sources are in each state; empty states are left out."""
    return dict(session.execute(sa.select(Source.state, sa.func.count()).group_by(Source.state)).all())


def known_sources(session: Session, urls: Iterable[str]) -> set[str]:
    """Which of these addresses are sources already, as canonical addresses."""
    addresses = [canonical_url(url) for url in urls]
    known: set[str] = set()
    for start in range(0, len(addresses), CHUNK):
        chunk = addresses[start : start + CHUNK]
        known.update(session.scalars(sa.select(Source.address).where(Source.address.in_(chunk))))
    return known


def entry_at(session: Session, address: str) -> Entry | None:
    """The entry of this canonical address, of whatever source."""
    return session.scalars(sa.select(Entry).where(Entry.address == address)).one_or_none()


@dataclass(frozen=True)
class KnownEntry:
    """An entry that its source has named before: what became of it, and when its page was asked for last."""

    id: str
    state: str
    article_id: str | None
    seen_at: datetime
    fetched_at: datetime | None
    changed_at: datetime | None


def known_entries(session: Session, source_id: str, found: Sequence[FeedEntry]) -> dict[str, KnownEntry]:
    """Those of these that the source has named before, by their keys."""
    columns = (Entry.id, Entry.state, Entry.article_id, Entry.seen_at, Entry.fetched_at, Entry.changed_at)
    known: dict[str, KnownEntry] = {}
    for start in range(0, len(found), CHUNK):
        keys = [each.key for each in found[start : start + CHUNK]]
        wish = sa.select(Entry.key, *columns).where(Entry.source_id == source_id, Entry.key.in_(keys))
        known |= {row[0]: KnownEntry(*row[1:]) for row in session.execute(wish)}
    return known


def entries(session: Session, ids: Collection[str]) -> dict[str, Entry]:
    """Those of these entries that are here, by id."""
    return {each.id: each for each in session.scalars(sa.select(Entry).where(Entry.id.in_(ids)))}


def known_keys(session: Session, source_id: str, found: Sequence[FeedEntry]) -> set[str]:
    """Which of these the source has named before."""
    known: set[str] = set()
    for start in range(0, len(found), CHUNK):
        keys = [each.key for each in found[start : start + CHUNK]]
        known.update(session.scalars(sa.select(Entry.key).where(Entry.source_id == source_id, Entry.key.in_(keys))))
    return known


def known_addresses(session: Session, found: Iterable[FeedEntry]) -> set[str]:
    """Which of these pages any source has named before, as canonical addresses."""
    addresses = [canonical_url(each.url) for each in found if each.url]
    known: set[str] = set()
    for start in range(0, len(addresses), CHUNK):
        chunk = addresses[start : start + CHUNK]
        known.update(
            address for address in session.scalars(sa.select(Entry.address).where(Entry.address.in_(chunk))) if address
        )
    return known


def outlines(session: Session) -> list[Outline]:
    """Every source but the list of single pages, as lines of an OPML list. Those with a secret will need it again."""
    found = session.scalars(sa.select(Source).where(Source.kind != "pages").order_by(Source.title, Source.id))
    return [_outline(source) for source in found]


def _outline(source: Source) -> Outline:
    return Outline(
        source.url,
        source.title,
        source.home_url,
        source.kind,
        source.language,
        source.options,
        tuple(source.tags),
        tuple(source.rules),
        source.interval_seconds,
        source.is_adaptive,
        source.enabled,
    )


def any_source(session: Session, is_sample: bool | None = None) -> bool:
    """Whether there is a source at all, or one that does or does not belong to the sample."""
    statement = sa.select(Source.id).limit(1)
    if is_sample is not None:
        statement = statement.where(Source.is_sample.is_(is_sample))
    return session.scalar(statement) is not None
