"""Getting the pages of entries: which are wanted, and what to keep of the answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from stonehand.articles import pages
from stonehand.articles.errors import PageReplaced
from stonehand.articles.models import Article
from stonehand.articles.service import Arrival, PackedPage, Same, pack_page
from stonehand.db import Session
from stonehand.errors import StonehandError
from stonehand.http_client import Reply, Request
from stonehand.limits import breakers, names
from stonehand.limits.errors import BreakerOpen
from stonehand.sources import turns
from stonehand.sources.addresses import LONGEST, canonical_url
from stonehand.sources.models import Entry, EntryState, Source

Outcome = Arrival | Same | StonehandError
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
    overruled: Mapping[str, Any] | None = None
    """Who wants the pages of its source whatever their robots.txt says, and why."""
    article_id: str | None = None
    """The article that its page became, if it was fetched before, with what came with the page that is kept."""
    etag: str | None = None
    modified: str | None = None


def wanted(session: Session, ids: Collection[str]) -> dict[str, Wanted]:
    """Those of these entries whose page is still to be fetched, by id."""
    taken = ("url", "title", "author", "published_at", "content_html", "summary")
    own = sa.and_(Article.id == Entry.article_id, Article.entry_id == Entry.id)
    before = (Article.id, Article.page_id, Article.etag, Article.modified)
    statement = sa.select(Entry, Source, *before).join(Source, Source.id == Entry.source_id).outerjoin(Article, own)
    rows = session.execute(statement.where(Entry.id.in_(ids), Entry.state.in_((EntryState.NEW, EntryState.FAILED))))
    return {
        entry.id: Wanted(
            entry_id=entry.id,
            source_id=source.id,
            home=source.home_url or source.url,
            language=entry.language or source.language,
            is_sample=source.is_sample,
            outlet=None if entry.url or _is_web(source.url) else entry.author,
            overruled=source.robots_overruled,
            article_id=article_id,
            etag=etag if page_id else None,
            modified=modified if page_id else None,
            **{name: getattr(entry, name) for name in taken},
        )
        for entry, source, article_id, page_id, etag, modified in rows
    }


def shut(session: Session, entries: Sequence[Wanted]) -> dict[str, BreakerOpen]:
    """Those of these entries whose host may not be asked now, by id, so that they do not even wait for a turn."""
    hosts = {each.entry_id: names.host(each.url) for each in entries if each.url}
    refused = breakers.refusals(session, set(hosts.values())) if hosts else {}
    return {entry_id: refused[host] for entry_id, host in hosts.items() if host in refused}


def fetch(entries: Sequence[Wanted], waits: Mapping[str, float], hurried: bool = False) -> dict[str, Outcome]:
    """What came for each entry, by its id: a page or the reason why not. Waits, so no transaction may be open.

    If `hurried`, an entry whose host is slower than the others comes to `StillSilent`.
    """
    linked = {each.entry_id: each for each in entries if each.url}
    questions = {key: question(each) for key, each in linked.items()}
    outcomes = {key: from_reply(linked[key], reply) for key, reply in turns.ask(questions, waits, hurried).items()}
    return outcomes | {each.entry_id: from_content(each) for each in entries if not each.url}


def question(entry: Wanted) -> Request:
    """The question for its page; only for what is new, if it was fetched before and is still kept."""
    return Request(entry.url or "", accept=ACCEPT, etag=entry.etag, modified=entry.modified)


def from_reply(entry: Wanted, reply: Reply | StonehandError) -> Outcome:
    """The page that a host sent, or that it is as before, or the reason why there is none."""
    if isinstance(reply, StonehandError):
        return reply
    if reply.not_modified and entry.article_id:
        return Same(entry.entry_id, entry.article_id, reply.url)
    if _is_front_page(reply.url) and not _is_front_page(entry.url or ""):
        return PageReplaced(f"{entry.url} leads to the front page of its site; the article is no longer there")
    url = reply.url if len(reply.url) <= LONGEST else entry.url or ""
    try:
        address = canonical_url(url)
    except StonehandError as error:
        return error
    page = pack_page(reply.body, reply.content_type, reply.charset, reply.etag, reply.modified)
    return _arrival(entry, url, address, page)


def from_content(entry: Wanted) -> Arrival:
    """A page made of what the feed itself carried."""
    body = pages.from_content(entry.content_html or entry.summary, entry.title, entry.language, entry.outlet)
    url = entry.url or entry.home
    address = canonical_url(entry.url) if entry.url else f"urn:stonehand:entry:{entry.entry_id}"
    return _arrival(entry, url, address, pack_page(body, "text/html", "utf-8"))


def _arrival(entry: Wanted, url: str, address: str, page: PackedPage) -> Arrival:
    return Arrival(
        entry_id=entry.entry_id,
        source_id=entry.source_id,
        url=url,
        canonical_url=address,
        page=page,
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
