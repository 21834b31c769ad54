"""What an address turned out to be, and a sentence that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from stonehand.http_client import Reply
from stonehand.sources import discovery, feeds, json_feeds, opml, sitemaps, xml_guard
from stonehand.sources.decoding import decode
from stonehand.sources.discovery import Offer
from stonehand.sources.errors import FeedMalformed, HtmlInstead, NothingFound
from stonehand.sources.interfaces import Collected, Document, Packed, Way
from stonehand.sources.opml import Outline
from stonehand.sources.readings import FeedEntry, Reading
from stonehand.sources.xml_guard import Guarded


@dataclass(frozen=True)
class Wanted:
    """How somebody wants a source to be kept. `rules` are in their stored form."""

    tags: tuple[str, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    interval_seconds: int | None = None
    is_adaptive: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class Found:
    """What is at `url`. `what` is feed, opml, sitemap, site or article; `kind` is the kind of source it becomes.

    A site has `offers` and is no source itself; an OPML list has `outlines`; `children` are an index's sitemaps.
    """

    what: str
    url: str
    sentence: str
    kind: str = ""
    title: str = ""
    home_url: str | None = None
    language: str | None = None
    entries: tuple[FeedEntry, ...] = ()
    letters: tuple[Packed, ...] = ()
    offers: tuple[Offer, ...] = ()
    outlines: tuple[Outline, ...] = ()
    children: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = field(default=None, repr=False)
    wanted: Wanted = field(default_factory=Wanted)
    ways: tuple[Way, ...] = ()
    """Other options that would read it."""
    document: Document | None = None
    is_listed: bool = False
    """It only stands in a list that somebody gave; nobody has looked at it yet."""
    source_id: str = ""
    """The source that was looked at, if it is here already."""
    refused: str = ""
    """Why this line of a list cannot be added."""


def taken(found: Iterable[Found]) -> list[Found]:
    """What can be added."""
    return [each for each in found if not each.refused]


def left_out(found: Iterable[Found]) -> list[Found]:
    """The lines of a list that cannot be added."""
    return [each for each in found if each.refused]


def recognise(reply: Reply) -> Found:
    """Say what was fetched. Raises an `Unreadable` error or `NothingFound`, which say what came instead."""
    body = sitemaps.unpacked(reply.body)
    start = decode(body[:4096], reply.charset).lstrip()
    if not start:
        raise NothingFound(f"{reply.url} answered with an empty page")
    if start.startswith(("{", "[")):
        return _feed(json_feeds.read(decode(body, reply.charset), reply.url), reply.url)
    if xml_guard.looks_like_html(start) or _said_html(reply, start):
        return _page(reply)
    if not start.startswith("<"):
        raise NothingFound(
            f"{reply.url} is neither a feed nor a web page, but {reply.content_type or 'something else'}"
        )
    return _xml_or_page(reply, body)


def _said_html(reply: Reply, start: str) -> bool:
    return reply.content_type == "text/html" and not start.startswith(
        ("<?xml", "<rss", "<feed", "<rdf", "<opml", "<url")
    )


def _xml_or_page(reply: Reply, body: bytes) -> Found:
    try:
        return _xml(xml_guard.parse(body, reply.charset, feeds.Enough()), reply.url)
    except HtmlInstead:
        return _page(reply)


def _xml(document: Guarded, url: str) -> Found:
    if document.name == "opml":
        return _list(opml.read_xml(document, url), url)
    if document.name in ("urlset", "sitemapindex"):
        return _sitemap(sitemaps.read_xml(document, url), url)
    if document.name in feeds.FORMATS:
        return _feed(feeds.read_xml(document, url), url)
    raise FeedMalformed(f"the XML at {url} starts with <{document.name[:40]}>: no feed, no OPML list and no sitemap")


def named(title: str) -> str:
    """A title as it stands in a sentence; nothing if there is none."""
    return f": ‘{title}’" if title else ""


def counted(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number} {one if number == 1 else many}"


def brought(collected: Collected) -> str:
    """How much a look brought, as it stands in a sentence."""
    if collected.letters:
        return counted(len(collected.letters), "letter", "letters")
    return counted(len(collected.reading.entries), "entry", "entries")


def _feed(reading: Reading, url: str) -> Found:
    article = "a" if reading.format.startswith("J") else "an"
    entries = counted(len(reading.entries), "entry", "entries") if reading.entries else "no entries yet"
    linked = "with" if not reading.entries else "of"
    return Found(
        what="feed",
        kind="feed",
        url=url,
        sentence=f"{article} {_long(reading.format)} {linked} {entries}{named(reading.title)}",
        title=reading.title,
        home_url=reading.home_url,
        language=reading.language,
        entries=reading.entries,
        warnings=reading.warnings,
    )


def _long(form: str) -> str:
    return form if form.lower().endswith("feed") else f"{form} feed"


def _list(feed_list: opml.FeedList, url: str) -> Found:
    count = counted(len(feed_list.outlines), "feed", "feeds")
    lines = counted(feed_list.skipped, "line that names no feed", "lines that name no feed")
    return Found(
        what="opml",
        url=url,
        sentence=f"an OPML list of {count}{named(feed_list.title)}",
        title=feed_list.title,
        outlines=feed_list.outlines,
        warnings=(f"it has {lines}",) if feed_list.skipped else (),
    )


def _sitemap(sitemap: sitemaps.Sitemap, url: str) -> Found:
    reading = sitemap.reading
    pages = counted(len(reading.entries), "page", "pages")
    children = counted(len(sitemap.children), "sitemap", "sitemaps")
    index = reading.format == "sitemap index"
    return Found(
        what="sitemap",
        kind="sitemap",
        url=url,
        sentence=f"a {reading.format} of {children if index else pages}",
        entries=reading.entries,
        children=tuple(child.url for child in sitemap.children),
        warnings=reading.warnings,
    )


def _page(reply: Reply) -> Found:
    page = discovery.examine(reply.body, reply.url, reply.charset)
    if page.is_article:
        sentence, what, kind = f"an article{named(page.title)}", "article", "pages"
    else:
        feeds_offered = counted(len(page.offers), "feed", "feeds") if page.offers else "no feed"
        sentence, what, kind = f"a site that offers {feeds_offered}{named(page.title)}", "site", ""
    return Found(
        what=what,
        kind=kind,
        url=reply.url,
        sentence=sentence,
        title=page.title,
        home_url=reply.url,
        language=page.language,
        offers=page.offers,
    )
