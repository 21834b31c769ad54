"""A saved search as a feed: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree

from stonehand.library.queries import Hit

ATOM = "http://www.w3.org/2005/Atom"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
GENERATOR = "Stonehand"


@dataclass(frozen=True)
class Feed:
    """What a feed tells. `changed_at` is when the search itself was changed."""

    id: str
    title: str
    query: str
    address: str
    page: str
    changed_at: datetime
    hits: Sequence[Hit]

    @property
    def updated_at(self) -> datetime:
        """When there was something new last."""
        return max([self.changed_at, *(hit.at for hit in self.hits)]).astimezone(UTC)


def rss(feed: Feed) -> str:
    """RSS 2.0."""
    root = ElementTree.Element("rss", {"version": "2.0", "xmlns:atom": ATOM, "xmlns:dc": DUBLIN_CORE})
    channel = ElementTree.SubElement(root, "channel")
    for name, value in (
        ("title", feed.title),
        ("link", feed.page),
        ("description", f"Articles found by: {feed.query}"),
    ):
        _add(channel, name, value)
    _add(channel, "generator", GENERATOR)
    _add(channel, "lastBuildDate", format_datetime(feed.updated_at))
    ElementTree.SubElement(channel, "atom:link", {"href": feed.address, "rel": "self", "type": "application/rss+xml"})
    for hit in feed.hits:
        item = ElementTree.SubElement(channel, "item")
        for name, value in (("title", hit.title), ("link", hit.url), ("description", text(hit))):
            _add(item, name, value)
        _add(item, "guid", urn(hit), isPermaLink="false")
        _add(item, "pubDate", format_datetime(hit.at.astimezone(UTC)))
        _add(item, "dc:creator", by(hit))
        for tag in hit.tags:
            _add(item, "category", tag)
    return _written(root)


def atom(feed: Feed) -> str:
    """Atom."""
    root = ElementTree.Element("feed", {"xmlns": ATOM})
    _add(root, "id", f"urn:uuid:{feed.id}")
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated_at.isoformat())
    _add(root, "generator", GENERATOR)
    ElementTree.SubElement(root, "link", {"rel": "self", "href": feed.address})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": feed.page})
    for hit in feed.hits:
        entry = ElementTree.SubElement(root, "entry")
        _add(entry, "id", urn(hit))
        _add(entry, "title", hit.title)
        _add(entry, "updated", hit.at.astimezone(UTC).isoformat())
        ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": hit.url})
        _add(ElementTree.SubElement(entry, "author"), "name", by(hit))
        _add(entry, "summary", text(hit))
        for tag in hit.tags:
            ElementTree.SubElement(entry, "category", {"term": tag})
    return _written(root)


def json_feed(feed: Feed) -> str:
    """JSON Feed."""
    items = [
        {
            "id": urn(hit),
            "url": hit.url,
            "title": hit.title,
            "content_text": text(hit),
            "date_published": hit.at.astimezone(UTC).isoformat(),
            "authors": [{"name": by(hit)}],
            "tags": list(hit.tags),
        }
        for hit in feed.hits
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": feed.title, "home_page_url": feed.page}
    return json.dumps({**head, "feed_url": feed.address, "items": items}, ensure_ascii=False)


KINDS: dict[str, tuple[str, Callable[[Feed], str]]] = {
    "rss": ("application/rss+xml", rss),
    "atom": ("application/atom+xml", atom),
    "json": ("application/feed+json", json_feed),
}


def etag(body: str) -> str:
    """The name of exactly this answer."""
    return f'"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'


def urn(hit: Hit) -> str:
    """The same for ever, wherever Stonehand is."""
    return f"urn:uuid:{hit.id}"


def by(hit: Hit) -> str:
    """Who wrote it, or who published it."""
    return hit.author or hit.outlet or "unknown"


def text(hit: Hit) -> str:
    """The part that was found."""
    return "".join(words for words, _ in hit.snippet)


def _add(parent: ElementTree.Element, name: str, value: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = "".join(letter for letter in value if _is_fit(letter))


def _is_fit(letter: str) -> bool:
    """Whether XML 1.0 may hold it."""
    return (letter >= " " and letter not in "\ufffe\uffff" and not "\ud800" <= letter <= "\udfff") or letter in "\t\n\r"


def _written(root: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
