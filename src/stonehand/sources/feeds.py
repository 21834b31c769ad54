"""RSS, Atom and JSON feeds, read whatever they call themselves."""

from __future__ import annotations

import io
from typing import Any

import feedparser
from lxml import etree

from stonehand.sources import dates, json_feeds, xml_guard
from stonehand.sources.addresses import absolute
from stonehand.sources.cleaning import one_line
from stonehand.sources.decoding import decode
from stonehand.sources.errors import FeedMalformed
from stonehand.sources.readings import LONGEST_TITLE, MOST_ENTRIES, FeedEntry, Reading, distinct, entry, language_code
from stonehand.sources.xml_guard import Guarded, local_name

MOST_LOOKED_AT = 100_000  # elements
FORMATS = {"rss": "RSS", "rdf": "RSS", "feed": "Atom"}
ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)


def read(body: bytes, url: str, charset: str | None = None) -> Reading:
    """Read a feed that came from `url`. Entries are capped, links absolute, times UTC or None.

    Raises an `Unreadable` error that says what came instead.
    """
    start = decode(body[:64], charset).lstrip()
    if start.startswith(("{", "[")):
        return json_feeds.read(decode(body, charset), url)
    return read_xml(xml_guard.parse(body, charset, Enough()), url)


def read_xml(document: Guarded, url: str) -> Reading:
    """Read an RSS or Atom feed that has passed the guard. Raises `FeedMalformed`."""
    if document.name not in FORMATS:
        raise FeedMalformed(f"this XML is no feed: it starts with <{document.name[:40]}>, not with <rss> or <feed>")
    left_out = _cap(document.root)
    parsed = _parsed(document)
    entries = distinct(_entry(each, url) for each in parsed.entries)
    if document.broken and not entries:
        raise FeedMalformed(f"the feed is broken and no entry could be read: {document.broken}")
    return Reading(
        format=FORMATS[document.name],
        entries=entries,
        title=one_line(parsed.feed.get("title"), LONGEST_TITLE),
        home_url=absolute(url, _link(parsed.feed)),
        language=language_code(parsed.feed.get("language")),
        warnings=_warnings(document, left_out, len(entries)),
        whole=document.broken is None,
    )


def _parsed(document: Guarded) -> Any:
    try:
        return feedparser.parse(
            io.BytesIO(document.serialised()),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            resolve_relative_uris=False,
            sanitize_html=False,  # what people see is cleaned where it is shown
        )
    except Exception as error:  # it raises whatever its parsers do, for a document that was made for it
        raise FeedMalformed(f"the feed cannot be read: {str(error)[:120] or type(error).__name__}") from error


def _warnings(document: Guarded, left_out: bool, count: int) -> tuple[str, ...]:
    broken = f"the XML is broken ({document.broken}); {count} entries could be read"
    capped = f"it has more than {MOST_ENTRIES} entries; the newest {MOST_ENTRIES} were taken"
    return (*([broken] if document.broken else []), *([capped] if left_out else []))


class Enough:
    """Ends the reading of an endless feed. Some feeds put the newest last, so far more than the cap is looked at."""

    def __init__(self) -> None:
        self.items = self.elements = 0

    def __call__(self, element: etree._Element) -> bool:
        self.elements += 1
        self.items += local_name(element) in ("item", "entry")
        return self.items > MOST_ENTRIES and self.elements > MOST_LOOKED_AT


def _cap(root: etree._Element) -> bool:
    items = [each for each in root.iter() if local_name(each) in ("item", "entry")]
    if len(items) <= MOST_ENTRIES:
        return False
    first, last = _date(items[0]), _date(items[-2])  # the very last may be cut off
    newest_last = first is not None and last is not None and first < last
    for item in items[:-MOST_ENTRIES] if newest_last else items[MOST_ENTRIES:]:
        parent = item.getparent()
        if parent is not None:
            parent.remove(item)
    return True


def _date(item: etree._Element) -> Any:
    for child in item:
        if local_name(child) in ("pubdate", "published", "updated", "date"):
            return dates.parse(child.text)
    return None


def _link(thing: Any) -> str | None:
    links = [each for each in thing.get("links", ()) if each.get("href")]
    pages = [each for each in links if each.get("rel", "alternate") == "alternate"]
    html = [each for each in pages if "html" in each.get("type", "text/html")]
    for candidates in (html, pages):
        if candidates:
            return str(candidates[0]["href"])
    link = thing.get("link")
    return str(link) if link and not any(each["href"] == link for each in links) else None


def _content(each: Any) -> str | None:
    bodies = [body.get("value") for body in each.get("content", ()) if "xml" not in body.get("type", "").split("/")[0]]
    longest = max((str(body) for body in bodies if body), key=len, default=None)
    return longest or (each.get("summary") if _has_markup(each) else None)


def _has_markup(each: Any) -> bool:
    return "<" in (each.get("summary") or "")


def _moment(each: Any, name: str) -> Any:
    return dates.parse(dict.get(each, name))  # feedparser's own `get` passes one date off as another


def _page(each: Any, url: str) -> str | None:
    link = _link(each)
    if link and link == each.get("id") and not link.startswith("http"):
        return None  # RSS takes a guid for a link unless told otherwise; most are numbers
    return absolute(url, link)


def _entry(each: Any, url: str) -> FeedEntry | None:
    title_language = (each.get("title_detail") or {}).get("language")
    updated = _moment(each, "updated")
    return entry(
        each.get("id"),
        _page(each, url),
        title=each.get("title"),
        summary=each.get("summary"),
        content_html=_content(each),
        author=each.get("author"),
        published=_moment(each, "published") or _moment(each, "created") or updated,
        updated=updated,
        language=each.get("language") or title_language,
    )
