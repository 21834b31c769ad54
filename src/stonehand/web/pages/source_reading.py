"""From the room of sources to what its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from stonehand import registry
from stonehand.accounts.permissions import Person
from stonehand.db import Session, now
from stonehand.sources import health, kinds, queries
from stonehand.sources.addresses import canonical_url
from stonehand.sources.interfaces import NeedsSecret, SourceKind
from stonehand.sources.models import Source, SourceState
from stonehand.sources.recognition import Found, left_out, taken
from stonehand.sources.schemas import PreviewOut, WayOut
from stonehand.sources.trials import FILTERED
from stonehand.web.pages.parts import Badge, Link, Pager, Tab
from stonehand.web.pages.source_forms import option_words, options_written
from stonehand.web.pages.sources import KindChoice, PreviewEntry, SourcePreview, SourceRow, SourcesView, WayRow
from stonehand.web.words import number, plural

LIMIT = 100
PREVIEWED = 8  # entries of a preview that are shown
BADGES = {
    SourceState.ACTIVE: Badge("Healthy", "good"),
    SourceState.PAUSED: Badge("Paused"),
    SourceState.BACKING_OFF: Badge("Hiccup", "warn"),
    SourceState.FAILING: Badge("Broken", "bad"),
    SourceState.DEAD: Badge("Given up", "bad"),
}
NEW = Badge("New", "busy")
SHOWN: dict[str, tuple[str, tuple[SourceState, ...]]] = {
    "all": ("All", ()),
    "broken": ("In trouble", (SourceState.BACKING_OFF, SourceState.FAILING, SourceState.DEAD)),
    "paused": ("Paused", (SourceState.PAUSED,)),
}
KINDS = {"letters": "Letters", "pages": "Single pages"}


def index(session: Session, person: Person, show: str = "all", part: int = 0) -> SourcesView:
    """One part of the sources, those in trouble first."""
    moment, counts = now(session), queries.counts(session)
    found = queries.health(session, SHOWN[show][1], LIMIT + 1, part * LIMIT)
    days = queries.found_per_day(session, [each.id for each in found[:LIMIT]], moment)
    return SourcesView(
        sources=tuple(row(each, days.get(each.id, ()), moment) for each in found[:LIMIT]),
        tabs=tuple(_tab(key, counts, key == show) for key in SHOWN),
        pager=Pager(_href(show, part - 1) if part else "", _href(show, part + 1) if len(found) > LIMIT else ""),
        kinds=choices() if person.may("edit") else (),
        can_edit=person.may("edit"),
        can_admin=person.may("admin"),
        sample=queries.any_source(session, is_sample=True),
    )


def _tab(key: str, counts: dict[str, int], active: bool) -> Tab:
    words, states = SHOWN[key]
    count = sum(counts.get(state, 0) for state in states) if states else sum(counts.values())
    return Tab(words, _href(key, 0), count, active)


def _href(show: str, part: int) -> str:
    query = [f"show={show}"] * (show != "all") + [f"part={part}"] * bool(part)
    return "/sources" + ("?" + "&".join(query) if query else "")


def row(source: Source, days: tuple[int, ...], moment: datetime) -> SourceRow:
    is_address = source.url.startswith(("http://", "https://"))
    in_trouble = bool(source.failure_streak) and source.state != SourceState.PAUSED
    return SourceRow(
        source.id,
        source.title or source.url,
        source.url if is_address else "",
        kind_words(source.kind),
        NEW if source.last_poll_at is None and source.next_poll_at else BADGES[SourceState(source.state)],
        days,
        source.entries_total,
        health.describe(source, moment),
        in_trouble,
        source.next_poll_at,
        not source.enabled or source.state == SourceState.DEAD,
        bool(kinds.find(source.kind).polled),
        source.is_sample,
        tuple(source.tags),
        (source.proposed or {}).get("why", ""),
    )


def kind_words(kind: str) -> str:
    """What people call a kind, as it stands at the beginning."""
    title = KINDS.get(kind) or kinds.find(kind).title
    return f"{title[:1].upper()}{title[1:]}"


def choices(chosen: str = "") -> tuple[KindChoice, ...]:
    """The kinds that somebody can choose, beside what is found out from an address."""
    found = [each for each in registry.names("source") if each not in ("pages", "feed", "sitemap")]
    return tuple(_choice(each, each == chosen) for each in found)


def _choice(name: str, chosen: bool) -> KindChoice:
    kind = kinds.find(name)
    options = ", ".join(option for option, _ in option_words(kind))
    return KindChoice(name, kind_words(name), options, chosen, secret_name(kind))


def secret_name(kind: SourceKind) -> str:
    """What people call the secret of a kind; empty if it has none."""
    return kind.secret_name if isinstance(kind, NeedsSecret) else ""


def way_rows(ways: Sequence[WayOut]) -> tuple[WayRow, ...]:
    """Other ways to read, in words."""
    return tuple(
        WayRow(
            f"{plural(each.entries, 'entry', 'entries')}: {' · '.join(each.titles[:3])}", options_written(each.options)
        )
        for each in ways
    )


def preview(session: Session, url: str, found: Sequence[Found]) -> SourcePreview:
    """What adding these would bring, seen against what is there; for one of them with its entries."""
    if len(found) > 1:
        return _list(session, url, found)
    seen = PreviewOut.of(session, found[0])
    entries = tuple(
        PreviewEntry(
            each.title or each.url or "",
            each.url or "",
            each.published_at,
            each.is_new,
            each.reason if each.outcome == FILTERED else "known",
        )
        for each in seen.entries[:PREVIEWED]
    )
    return SourcePreview(
        url,
        f"{seen.url} is {seen.sentence}.",
        seen.title,
        _outcome(seen),
        entries,
        max(0, len(seen.entries) - PREVIEWED),
        tuple(Link(each.title or each.url, each.url) for each in seen.offers),
        tuple(f"{words[:1].upper()}{words[1:]}." for words in seen.warnings),
        options=options_written(seen.options),
        ways=way_rows(seen.ways),
    )


def _outcome(seen: PreviewOut) -> str:
    if seen.already_added:
        return "It is here already; adding it again changes nothing."
    if seen.kind == "pages":
        return "Adding it reads this one page."
    if seen.is_listed:
        return "It stands in a list, and is looked at once it is added."
    known = f", {number(seen.duplicates)} known from elsewhere" if seen.duplicates else ""
    return f"Adding it brings {plural(seen.new, 'new entry', 'new entries')}{known}."


def refusals(found: Sequence[Found]) -> tuple[str, ...]:
    """Of each line of a list that is left out, why."""
    return tuple(f"Left out: {each.title or each.url}: {each.refused}." for each in left_out(found))


def _list(session: Session, url: str, everything: Sequence[Found]) -> SourcePreview:
    found = taken(everything)
    known = queries.known_sources(session, (each.url for each in found))
    entries = [
        PreviewEntry(each.title or each.url, each.url, None, canonical_url(each.url) not in known) for each in found
    ]
    new = sum(each.is_new for each in entries)
    return SourcePreview(
        url,
        f"A list of {plural(len(found), 'feed')}.",
        outcome=f"Adding it brings {plural(new, 'new source')}; {number(len(found) - new)} are here already.",
        entries=tuple(entries[:PREVIEWED]),
        more=max(0, len(entries) - PREVIEWED),
        warnings=refusals(everything),
    )
