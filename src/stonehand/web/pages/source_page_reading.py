"""From one source to what its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stonehand.accounts.permissions import Person
from stonehand.db import Session, now
from stonehand.sources import health, kinds, queries, service
from stonehand.sources.errors import NothingKept
from stonehand.sources.interfaces import ReadsDocuments
from stonehand.sources.models import Entry, EntryState, Source
from stonehand.sources.schemas import PreviewOut
from stonehand.sources.trials import REPLAYED_DAYS, Replayed
from stonehand.web.pages.parts import Badge, Field, Pager
from stonehand.web.pages.source_forms import option_words, options_written, rules_written
from stonehand.web.pages.source_reading import row, secret_name
from stonehand.web.pages.sources import Look, Replay, ReplayRow, SourceEntry, SourceForms, SourceView, Tried
from stonehand.web.words import number, plural

LIMIT = 30
BADGES = {
    EntryState.NEW: Badge("Waits", "busy"),
    EntryState.FETCHED: Badge("Read", "good"),
    EntryState.FAILED: Badge("Failed", "bad"),
    EntryState.SKIPPED: Badge("Dropped"),
}
OUTCOMES = {"new": Badge("New", "good"), "filtered": Badge("Filtered", "warn"), "duplicate": Badge("Known")}
PROPOSED = {"moved": "Go there from now on", "gone": "Pause it", "options": "Read it that way"}


def one(session: Session, person: Person, source_id: str, before: str | None = None) -> SourceView:
    """One source."""
    source = service.get(session, source_id)
    moment = now(session)
    found = queries.entries_of(session, source_id, LIMIT + 1, before)
    days = queries.found_per_day(session, [source_id], moment)
    proposal: dict[str, Any] = source.proposed or {}
    return SourceView(
        row=row(source, days.get(source_id, ()), moment),
        facts=_facts(source),
        entries=tuple(_entry(each) for each in found[:LIMIT]),
        forms=_forms(session, source),
        proposal=proposal.get("why", ""),
        accept=PROPOSED.get(proposal.get("what", ""), ""),
        pager=Pager("", f"/sources/{source_id}?before={found[LIMIT - 1].id}" if len(found) > LIMIT else ""),
        can_edit=person.may("edit"),
        can_admin=person.may("admin"),
        overruled=_overruled(source),
    )


def _overruled(source: Source) -> str:
    said = source.robots_overruled
    return f"{said['by']}, {said['at'][:10]}: {said['reason']}" if said else ""


def _facts(source: Source) -> tuple[tuple[str, str], ...]:
    rate = health.success_rate(source.recent)
    looked = plural(len(source.recent), "look")
    every = health.every(source.pace_seconds or source.interval_seconds)
    asked_for = f" ({health.every(source.interval_seconds)} once more comes)" if source.pace_seconds else ""
    facts = {
        "Kind": kinds.find(source.kind).title,
        "Looks": f"{every}{asked_for}" if source.next_poll_at else "",
        "Went well": f"{rate:.0%} of the last {looked}" if rate is not None else "",
        "Brought news": f"{source.recent.count(health.NEWS)} of the last {looked}" if source.recent else "",
        "Looks in all": f"{number(source.polls_total)}, {number(source.polls_failed)} failed",
        "Named": plural(source.entries_total, "entry", "entries"),
        "Dropped by rules": number(source.entries_dropped) if source.entries_dropped else "",
        "Language": source.language or "",
        "Tags": ", ".join(source.tags),
    }
    return tuple((name, words) for name, words in facts.items() if words)


def _entry(entry: Entry) -> SourceEntry:
    href = f"/articles/{entry.article_id}" if entry.article_id else entry.url or ""
    return SourceEntry(
        entry.title or entry.url or entry.key, href, entry.seen_at, BADGES[EntryState(entry.state)], entry.error or ""
    )


def _forms(session: Session, source: Source) -> SourceForms:
    kind = kinds.find(source.kind)
    reads = isinstance(kind, ReadsDocuments)
    return SourceForms(
        title=Field(source.title),
        minutes=Field(f"{source.interval_seconds / 60:g}"),
        tags=Field(", ".join(source.tags)),
        rules=Field(rules_written(source.rules)),
        options=Field(options_written(source.options)),
        adaptive=source.is_adaptive,
        option_words=option_words(kind),
        reads_documents=reads and _has_copy(session, source.id),
        secret_name=secret_name(kind),
        has_secret=bool(source.secret),
    )


def _has_copy(session: Session, source_id: str) -> bool:
    try:
        service.kept_copy(session, source_id)
    except NothingKept:
        return False
    return True


def replay(found: Sequence[Replayed]) -> Replay:
    """What rules would have done, in words."""
    kept, changed = sum(each.is_kept for each in found), [each for each in found if each.is_kept != each.was_kept]
    words = (
        f"Of {plural(len(found), 'entry', 'entries')} of {REPLAYED_DAYS} days these rules keep {number(kept)}; "
        f"{number(len(changed))} would end otherwise than before. Nothing is saved yet."
    )
    rows = (
        ReplayRow(
            each.entry.title or each.entry.url or "",
            Badge("Kept", "good") if each.is_kept else Badge("Dropped", "warn"),
            each.reason,
        )
        for each in changed[:LIMIT]
    )
    return Replay(words, tuple(rows))


def look(seen: PreviewOut) -> Look:
    """What a look would bring, in words: what is new first, then what would be left out, and why."""
    brought = f"{plural(seen.new, 'new entry', 'new entries')}, {number(seen.duplicates)} known"
    rows = sorted(seen.entries, key=lambda each: tuple(OUTCOMES).index(each.outcome))[:LIMIT]
    return Look(
        f"{brought}, {number(seen.filtered)} filtered. Nothing of it was kept.",
        tuple(ReplayRow(each.title or each.url or "", OUTCOMES[each.outcome], each.reason) for each in rows),
        tuple(f"{words[:1].upper()}{words[1:]}." for words in seen.warnings),
    )


def tried(seen: PreviewOut) -> Tried:
    """What options read, in words."""
    titles = tuple(each.title or each.url or "" for each in seen.entries[:10])
    entries = plural(len(seen.entries), "entry", "entries")
    return Tried(f"These options read {entries} of what was kept at the last look. Nothing is saved yet.", titles)
