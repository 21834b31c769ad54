"""Getting the pages of entries: whose turn it is, asking, and what to keep of the answers."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlsplit

import sqlalchemy as sa

from stonehand import config, http_client
from stonehand.articles import pages
from stonehand.articles.errors import PageReplaced
from stonehand.articles.service import Arrival, pack_page
from stonehand.db import Session
from stonehand.errors import StonehandError
from stonehand.http_client import Reply, Request
from stonehand.limits import breakers, names, pacing
from stonehand.limits.errors import BreakerOpen
from stonehand.sources.addresses import LONGEST, canonical_url
from stonehand.sources.models import Entry, EntryState, Source

PATIENCE = 2.0  # seconds a worker waits for its turn at a host; longer waits are slept in the queue
ACCEPT = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True)
class Wanted:
    """An entry whose page is to be fetched. Without a `url`, its `content_html` is the page; `home` is its source's."""

    entry_id: str
    source_id: str
    url: str | None
    home: str
    title: str
    author: str | None
    published_at: datetime | None
    language: str | None
    content_html: str | None
    summary: str
    is_sample: bool
    outlet: str | None = None
    """Who wrote a letter: that its source is a mailbox tells readers nothing."""


def wanted(session: Session, ids: Collection[str]) -> dict[str, Wanted]:
    """Those of these entries whose page is still to be fetched, by id."""
    taken = ("url", "title", "author", "published_at", "content_html", "summary")
    statement = sa.select(Entry, Source).join(Source, Source.id == Entry.source_id)
    rows = session.execute(statement.where(Entry.id.in_(ids), Entry.state.in_((EntryState.NEW, EntryState.FAILED))))
    return {
        entry.id: Wanted(
            entry_id=entry.id,
            source_id=source.id,
            home=source.home_url or source.url,
            language=entry.language or source.language,
            is_sample=source.is_sample,
            outlet=None if entry.url or _is_web(source.url) else entry.author,
            **{name: getattr(entry, name) for name in taken},
        )
        for entry, source in rows
    }


def shut(session: Session, entries: Sequence[Wanted]) -> dict[str, BreakerOpen]:
    """Those of these entries whose host may not be asked now, by id, so that they do not even wait for a turn."""
    hosts = {each.entry_id: names.host(each.url) for each in entries if each.url}
    refused = breakers.refusals(session, set(hosts.values())) if hosts else {}
    return {entry_id: refused[host] for entry_id, host in hosts.items() if host in refused}


def turns(session: Session, entries: Sequence[Wanted]) -> list[float]:
    """Seconds until each entry's turn at its host. A turn within `PATIENCE` is reserved; of later ones none is."""
    interval = config.settings().host_interval_seconds
    full: dict[str, float] = {}
    return [_turn(session, pacing.host_of(each.url), interval, full) if each.url else 0.0 for each in entries]


def _turn(session: Session, host: str, interval: float, full: dict[str, float]) -> float:
    if host in full:
        full[host] += interval
        return full[host]
    with session.begin_nested() as reservation:
        wait = pacing.reserve(session, host, interval)
        if wait > PATIENCE:
            full[host] = wait
            reservation.rollback()
    return wait


def fetch(
    entries: Sequence[Wanted], waits: Mapping[str, float], hurried: bool = False
) -> dict[str, Arrival | StonehandError]:
    """What came for each entry, by its id: a page or the reason why not. Waits, so no transaction may be open.

    If `hurried`, an entry whose host is slower than the others comes to `StillSilent`.
    """
    outcomes: dict[str, Arrival | StonehandError] = {}
    started = time.monotonic()
    for wait, wave in groupby(sorted(entries, key=lambda each: waits[each.entry_id]), lambda e: waits[e.entry_id]):
        time.sleep(max(0.0, started + wait - time.monotonic()))
        outcomes |= _ask(list(wave), hurried)
    return outcomes


def _ask(entries: Sequence[Wanted], hurried: bool) -> dict[str, Arrival | StonehandError]:
    linked = [each for each in entries if each.url]
    requests = [Request(each.url or "", accept=ACCEPT) for each in linked]
    # Who waits for slow hosts waits for all of them at once: their time would add up otherwise.
    together = config.settings().fetch_concurrency if hurried else len(requests)
    replies = http_client.fetch_all(requests, together, hurried)
    outcomes = {each.entry_id: from_reply(each, reply) for each, reply in zip(linked, replies, strict=True)}
    return outcomes | {each.entry_id: from_content(each) for each in entries if not each.url}


def from_reply(entry: Wanted, reply: Reply | StonehandError) -> Arrival | StonehandError:
    """The page that a host sent, or the reason why there is none."""
    if isinstance(reply, StonehandError):
        return reply
    if _is_front_page(reply.url) and not _is_front_page(entry.url or ""):
        return PageReplaced(f"{entry.url} leads to the front page of its site; the article is no longer there")
    url = reply.url if len(reply.url) <= LONGEST else entry.url or ""
    try:
        address = canonical_url(url)
    except StonehandError as error:
        return error
    return _arrival(entry, url, address, reply.body, reply.content_type, reply.charset)


def from_content(entry: Wanted) -> Arrival:
    """A page made of what the feed itself carried."""
    body = pages.from_content(entry.content_html or entry.summary, entry.title, entry.language, entry.outlet)
    url = entry.url or entry.home
    address = canonical_url(entry.url) if entry.url else f"urn:stonehand:entry:{entry.entry_id}"
    return _arrival(entry, url, address, body, "text/html", "utf-8")


def _arrival(entry: Wanted, url: str, address: str, body: bytes, content_type: str, charset: str | None) -> Arrival:
    return Arrival(
        entry_id=entry.entry_id,
        source_id=entry.source_id,
        url=url,
        canonical_url=address,
        page=pack_page(body, content_type, charset),
        title=entry.title,
        author=entry.author,
        published_at=entry.published_at,
        language=entry.language,
        is_sample=entry.is_sample,
    )


def _is_web(url: str) -> bool:
    return url.lower().startswith(("http://", "https://"))


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url)
    return not parts.path.strip("/") and not parts.query
