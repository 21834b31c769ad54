"""What can be done with sources and entries. Takes a session, never commits."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from stonehand import config, db, jobs, registry
from stonehand.db import Session
from stonehand.errors import StonehandError, Unavailable
from stonehand.sources import health, kinds, queries, refreshing, repairs, rules, tags
from stonehand.sources.addresses import canonical_url
from stonehand.sources.errors import (
    EntryNotFound,
    LookDied,
    NothingFound,
    NothingKept,
    NothingToPoll,
    SelectorsBroken,
    SourceNotFound,
)
from stonehand.sources.events import EntryFound, SourceAdded
from stonehand.sources.interfaces import Collected, Document
from stonehand.sources.letters import keeping
from stonehand.sources.models import Entry, EntryState, Source, SourceCopy, SourceState
from stonehand.sources.readings import FeedEntry, entry
from stonehand.sources.recognition import Found

LARGEST_COPY = 2 * 1024 * 1024  # bytes
PAGES = "pages:"  # the address of the one list of single pages
LETTERS = "letters:"  # and that of the letters which somebody handed in


@dataclass(frozen=True)
class Added:
    """What came of adding. `is_new` is False if it was there already."""

    source_id: str
    is_new: bool
    entry_id: str | None = None


@dataclass(frozen=True)
class Polled:
    """What came of a look: entries `found`, of which `new`; `elsewhere` are pages that another source named before.

    `dropped` are new ones that a rule of the source dropped. `refreshed` are known ones that are fetched again since
    they have changed, and `left` those for which there was no room.
    """

    found: int = 0
    new: int = 0
    elsewhere: int = 0
    dropped: int = 0
    refreshed: int = 0
    left: int = 0


def get(session: Session, source_id: str) -> Source:
    """The source. Raises `SourceNotFound`."""
    source = session.get(Source, source_id)
    if source is None:
        raise SourceNotFound(f"there is no source {source_id}; it may have been removed")
    return source


def get_entry(session: Session, entry_id: str) -> Entry:
    """The entry. Raises `EntryNotFound`."""
    found = session.get(Entry, entry_id)
    if found is None:
        raise EntryNotFound(f"there is no entry {entry_id}; its source may have been removed")
    return found


def add(
    session: Session, found: Found, *, title: str = "", interval_seconds: int | None = None, is_sample: bool = False
) -> Added:
    """Add what was found at an address; adding it again changes nothing. An article joins the list of single pages.

    Raises `NothingFound` for a site or a list, which are no sources: add what `intake.identify` made of them.
    """
    if found.refused:
        raise NothingFound(f"‘{found.title or found.url}’ cannot be added: {found.refused}")
    if not found.kind:
        raise NothingFound(f"{found.url} is {found.sentence}, and no source by itself")
    if found.kind == "pages":
        return add_page(session, found.url, title or found.title, is_sample=is_sample)
    options, source_id = kinds.checked(found.kind, found.options), db.new_id()
    added = _insert_source(
        session,
        kinds.address(found.kind, found.url, options),
        id=source_id,
        options=options,
        secret=_sealed(source_id, found, options),
        kind=found.kind,
        url=found.url,
        title=title or found.title,
        home_url=found.home_url,
        language=found.language,
        interval_seconds=interval_seconds or found.wanted.interval_seconds,
        is_sample=is_sample,
        **_kept(found),
    )
    if added.is_new and found.document:
        keep_copy(session, added.source_id, found.document)
    if added.is_new and found.wanted.enabled:
        jobs.announce_many(session, [SourceAdded(added.source_id)], f"source:{added.source_id}")
    return added


def _sealed(source_id: str, found: Found, options: Mapping[str, Any]) -> str | None:
    if not found.secret and not found.wanted.enabled:
        return None  # of a list, which never holds secrets: it is entered before the source is switched on
    return kinds.sealed(source_id, found.kind, found.url, options, found.secret)


def _kept(found: Found) -> dict[str, Any]:
    wanted = found.wanted
    paused = {} if wanted.enabled else {"state": SourceState.PAUSED, "next_poll_at": None}
    return paused | {
        "tags": tags.tidy(wanted.tags),
        "rules": rules.write(rules.read(wanted.rules)),
        "is_adaptive": wanted.is_adaptive,
    }


def keep_copy(session: Session, source_id: str, document: Document) -> None:
    """Keep what a source was read from, in place of what was kept before, unless it is large."""
    if len(document.body) > LARGEST_COPY:
        return
    copy = session.get(SourceCopy, source_id) or SourceCopy(source_id=source_id)
    copy.url, copy.packed, copy.charset = document.url, zlib.compress(document.body, 1), document.charset
    copy.taken_at = db.now(session)
    session.add(copy)


def kept_copy(session: Session, source_id: str) -> Document:
    """What a source was read from last. Raises `NothingKept`."""
    copy = session.get(SourceCopy, source_id)
    if copy is None:
        raise NothingKept("nothing is kept of this source; look at it once, if it is of a kind that keeps a copy")
    return Document(copy.url, zlib.decompress(copy.packed), copy.charset)


def add_page(session: Session, url: str, title: str = "", *, is_sample: bool = False) -> Added:
    """Put one page on the list of single pages. A page that any source has named already is not added again.

    If it did not come then, it is asked for once more, and counts as new: it may be there now.
    """
    address = f"{PAGES}sample" if is_sample else PAGES
    pages = _insert_source(
        session, address, kind="pages", url=address, title="Single pages", is_sample=is_sample, next_poll_at=None
    )
    made, moment = entry(None, url, title=title), db.now(session)
    ids = _insert_entries(session, pages.source_id, [made] if made else [], moment)
    if ids:
        _count(session, pages.source_id, ids, moment)
        return Added(pages.source_id, True, ids[0])
    known = queries.entry_at(session, canonical_url(url))
    return Added(known.source_id, _ask_again(session, known), known.id) if known else Added(pages.source_id, False)


def _ask_again(session: Session, known: Entry) -> bool:
    if known.state != EntryState.FAILED or known.article_id:
        return False
    known.state, known.error = EntryState.NEW, None
    jobs.announce(session, EntryFound(known.id))
    return True


def handed_in(session: Session) -> str:
    """The one source of letters that somebody handed in: files, and what mail services send."""
    made = _insert_source(session, LETTERS, kind="letters", url=LETTERS, title="Letters handed in", next_poll_at=None)
    return made.source_id


def name_entries(session: Session, source_id: str, found: Sequence[FeedEntry]) -> list[str]:
    """Keep what a source named, and announce each entry that no source had named before. Returns their ids."""
    ids, _ = _take(session, get(session, source_id), found[::-1], db.now(session))
    return ids


def _insert_source(session: Session, address: str, **values: Any) -> Added:
    moment = db.now(session)
    row = {"id": db.new_id(), "state": SourceState.ACTIVE, "next_poll_at": moment, "created_at": moment} | values
    row["interval_seconds"] = values.get("interval_seconds") or config.settings().poll_interval_seconds
    counters = {"failure_streak": 0, "polls_total": 0, "polls_failed": 0, "entries_total": 0}
    statement = db.insert(session, Source).values(address=address, **counters, **row)
    made = session.scalar(statement.on_conflict_do_nothing(index_elements=["address"]).returning(Source.id))
    if made:
        return Added(made, True)
    return Added(session.scalars(sa.select(Source.id).where(Source.address == address)).one(), False)


def record_poll(session: Session, source_id: str, collected: Collected) -> Polled:
    """Keep what a source said, and announce each entry that no source had named before."""
    source, moment = get(session, source_id), db.now(session)
    reading = collected.reading
    known = queries.known_entries(session, source_id, reading.entries)
    unknown = [each for each in reading.entries if each.key not in known]
    ids, dropped = _take(session, source, unknown, moment, collected.dropped)
    letters = _take_letters(session, source, collected)
    again = refreshing.ask_again(session, source, reading.entries, known, moment)
    source.recent = health.remember(source.recent, health.NEWS if ids or letters.new else health.NOTHING)
    source.proposal = repairs.after_look(source, collected)
    source.last_poll_at = source.last_ok_at = moment
    source.polls_total += 1
    source.failure_streak, source.last_error = 0, None
    if source.state != SourceState.PAUSED:
        source.state = SourceState.ACTIVE
        pace = health.pace(source.interval_seconds, source.recent) if source.is_adaptive else source.interval_seconds
        source.pace_seconds = pace if pace != source.interval_seconds else None
        source.next_poll_at = moment + timedelta(seconds=pace) if _is_polled(source) else None
    if not collected.unchanged:
        source.etag, source.modified = collected.etag, collected.modified
        source.title = source.title or reading.title
        source.home_url = source.home_url or reading.home_url
        source.last_warning = "; ".join(reading.warnings)[:500] or None
        if collected.document:
            keep_copy(session, source_id, collected.document)
    if letters.found:
        return letters
    elsewhere = len(unknown) - len(ids) - dropped
    return Polled(len(reading.entries), len(ids), elsewhere, dropped, again.asked, again.left)


def _take(
    session: Session,
    source: Source,
    unknown: Sequence[FeedEntry],
    moment: datetime,
    decisions: Mapping[str, str] | None = None,
) -> tuple[list[str], int]:
    """Keep what a source's rules keep, and its ids; remember what they drop, and how many that are.

    `decisions` are the reasons to drop something, by key, if the rules have been asked already.
    """
    if decisions is None:
        decisions = rules.dropped(rules.read(source.rules), unknown)
    dropped = [each for each in unknown if each.key in decisions]
    source.entries_dropped += (count := len(_insert_entries(session, source.id, dropped, moment, decisions)))
    ids = _insert_entries(session, source.id, [each for each in unknown if each.key not in decisions], moment)
    _count(session, source.id, ids, moment)
    return ids, count


def _take_letters(session: Session, source: Source, collected: Collected) -> Polled:
    """Keep letters, and the place up to which they were taken with them: none is lost, and none taken in twice."""
    kept = keeping.keep(session, source.id, collected.letters, source.kind)
    keeping.ask_to_read(session, source.id, kept)
    if collected.left and source.state != SourceState.PAUSED:
        poll_now(session, source.id)
    return Polled(len(kept), sum(each.is_new for each in kept), sum(not each.is_new for each in kept))


def _insert_entries(
    session: Session,
    source_id: str,
    found: Sequence[FeedEntry],
    moment: datetime,
    dropped: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Rows for what is new, in the order of the feed, oldest first. Returns their ids.

    What was `dropped`, by its key, has the reason in place of an address: another source may still bring the page.
    """
    rows = [_row(source_id, each, moment, dropped.get(each.key)) for each in reversed(found)]
    if not rows:
        return []
    # The table rather than its class: SQLAlchemy then compiles one statement for all rows.
    statement = db.insert(session, Entry.__table__).on_conflict_do_nothing().returning(Entry.__table__.c.id)
    return sorted(session.execute(statement, rows).scalars())


def _row(source_id: str, found: FeedEntry, moment: datetime, dropped: str | None) -> dict[str, Any]:
    return {
        "id": db.new_id(),
        "source_id": source_id,
        "key": found.key,
        "url": found.url,
        "address": canonical_url(found.url) if found.url and not dropped else None,
        "title": found.title,
        "summary": found.summary,
        "content_html": found.content_html,
        "author": found.author,
        "language": found.language,
        "published_at": found.published or found.updated,
        "seen_at": moment,
        "state": EntryState.SKIPPED if dropped else EntryState.NEW,
        "error": dropped,
    }


def _count(session: Session, source_id: str, ids: Sequence[str], moment: datetime) -> None:
    if ids:
        source = get(session, source_id)
        source.entries_total += len(ids)
        source.last_new_at = moment
        jobs.announce_many(session, [EntryFound(entry_id) for entry_id in ids], f"source:{source_id}")


def record_failure(session: Session, source_id: str, error: StonehandError) -> None:
    """Keep why a source could not be looked at, and look later, each time twice as late."""
    source, moment = get(session, source_id), db.now(session)
    source.last_poll_at = moment
    source.polls_total += 1
    source.polls_failed += 1
    source.failure_streak += 1
    source.last_error = str(error)[:500]
    source.recent = health.remember(source.recent, health.FAILED)
    source.proposal = repairs.after_failure(source, error)
    if isinstance(error, SelectorsBroken) and error.document:
        keep_copy(session, source_id, error.document)
    if repairs.is_worth_seeking(source, error):
        jobs.enqueue(session, repairs.SEEK, {"source_id": source_id}, unique_key=f"{repairs.SEEK}:{source_id}")
    if source.state == SourceState.PAUSED:
        return
    source.state = SourceState(health.state_after(source.failure_streak, isinstance(error, SelectorsBroken)))
    retry_after = error.retry_after if isinstance(error, Unavailable) else None
    delay = timedelta(seconds=health.delay_after(source.interval_seconds, source.failure_streak, retry_after))
    source.next_poll_at = None if source.state == SourceState.DEAD else moment + delay


def pause(session: Session, source_id: str) -> None:
    """Stop looking, until somebody resumes it."""
    source = get(session, source_id)
    source.state, source.next_poll_at = SourceState.PAUSED, None


def resume(session: Session, source_id: str) -> None:
    """Look again, from now on, whatever stopped it."""
    source = get(session, source_id)
    source.state, source.failure_streak = SourceState.ACTIVE, 0
    source.next_poll_at = db.now(session) if _is_polled(source) else None


def poll_now(session: Session, source_id: str) -> str | None:
    """Ask for a look at once. Returns the job, or None if one waits or runs already. Raises `NothingToPoll`."""
    source = get(session, source_id)
    if not _is_polled(source):
        raise NothingToPoll(f"{source.title or source.url} never changes by itself; add a page to it instead")
    unique, owner = f"sources.poll:{source_id}", f"source:{source_id}"
    return jobs.enqueue(session, "sources.poll", {"source_id": source_id}, unique_key=unique, fair_key=owner)


def poll_if_polled(session: Session, source_id: str) -> None:
    """Ask for a look at once, unless the source never changes by itself."""
    if _is_polled(get(session, source_id)):
        poll_now(session, source_id)


def enqueue_due(session: Session, most: int = 1000) -> int:
    """Ask for a look at every source whose time has come. Returns how many are new.

    One whose last look only left a dead letter has failed, and is looked at later: it might end more processes at once.
    """
    moment = db.now(session)
    for source_id, reason in queries.died(session, moment):
        record_failure(session, source_id, LookDied(f"the last look ended as a dead letter: {reason}"))
    due = queries.due(session, moment, most)
    patterns = {"unique": "sources.poll:{source_id}", "fair_key": "source:{source_id}"}
    return jobs.enqueue_many(session, "sources.poll", due, **patterns)


def _is_polled(source: Source) -> bool:
    return bool(registry.find("source", source.kind).polled)


def remove(session: Session, source_id: str) -> None:
    """Forget a source and what it named. Articles that came of it stay."""
    session.delete(get(session, source_id))


def settle_entry(
    session: Session,
    entry_id: str,
    state: EntryState,
    *,
    article_id: str | None = None,
    error: str | None = None,
    asked_at: datetime | None = None,
) -> None:
    """Note how far an entry has come: fetched (as which article), failed or skipped (and why).

    `asked_at` is when its page was asked for, if that is what came of it.
    """
    found = get_entry(session, entry_id)
    found.state, found.error = state, error and error[:500]
    found.article_id = article_id or found.article_id
    found.fetched_at = asked_at or found.fetched_at
