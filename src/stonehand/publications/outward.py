"""What went out, as feeds: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1, with label and sources of each piece.

`told` reads; the rest is pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.etree import ElementTree

import sqlalchemy as sa

from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState

MOST = 50
ATOM, DUBLIN_CORE = "http://www.w3.org/2005/Atom", "http://purl.org/dc/elements/1.1/"


@dataclass(frozen=True)
class Item:
    """A piece that can be seen. Its `id` stays the same for ever, also when the piece is corrected or moves."""

    id: str
    title: str
    url: str
    excerpt: str
    label: str
    generator: str
    language: str
    at: datetime
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    corrected_at: datetime | None = None

    @property
    def changed_at(self) -> datetime:
        """When readers last saw something new of it."""
        return max(self.at, self.corrected_at or self.at)

    @property
    def urn(self) -> str:
        """Its name, wherever Stonehand is."""
        return f"urn:uuid:{self.id}"


@dataclass(frozen=True)
class Feed:
    """What a feed tells. `address` is its own."""

    id: str
    title: str
    address: str
    page: str
    items: Sequence[Item]
    made_at: datetime

    @property
    def updated_at(self) -> datetime:
        """When something went out or was corrected last."""
        return max((item.changed_at for item in self.items), default=self.made_at).astimezone(UTC)


def told(session: Session, channel_id: str = "") -> list[Item]:
    """The newest pieces that can be seen at an address, perhaps of one channel alone."""
    seen = sa.select(Publication).where(
        Publication.state == PublicationState.PUBLISHED, Publication.url.like("http%"), Publication.is_sample.is_(False)
    )
    if channel_id:
        seen = seen.where(Publication.channel_id == channel_id)
    found = session.scalars(seen.order_by(Publication.published_at.desc()).limit(MOST)).all()
    return [_item(session, each) for each in found]


def _item(session: Session, each: Publication) -> Item:
    revision, text = drafts.revision(session, each.revision_id), drafts.piece(session, each.revision_id)
    cited = {cited.article_id for cited in text.citations if cited.article_id and cited.quote}
    known = articles.articles(session, [id_ for id_ in revision.sources if id_ in cited])
    urls = tuple(known[id_].url for id_ in revision.sources if id_ in known)
    at = each.published_at or each.due_at
    facts = (each.url or "", text.excerpt, text.label, revision.writer, text.language, at, urls, tuple(text.keywords))
    return Item(each.id, text.title, *facts, corrected_at=each.corrected_at)


def rss(feed: Feed) -> str:
    """RSS 2.0."""
    root = ElementTree.Element("rss", {"version": "2.0", "xmlns:atom": ATOM, "xmlns:dc": DUBLIN_CORE})
    channel = ElementTree.SubElement(root, "channel")
    for name, value in (("title", feed.title), ("link", feed.page), ("description", feed.title)):
        _add(channel, name, value)
    _add(channel, "generator", "Stonehand")
    _add(channel, "lastBuildDate", format_datetime(feed.updated_at))
    ElementTree.SubElement(channel, "atom:link", {"href": feed.address, "rel": "self", "type": "application/rss+xml"})
    for item in feed.items:
        row = ElementTree.SubElement(channel, "item")
        for name, value in (("title", item.title), ("link", item.url), ("description", _summary(item))):
            _add(row, name, value)
        _add(row, "guid", item.urn, isPermaLink="false")
        _add(row, "pubDate", format_datetime(item.at.astimezone(UTC)))
        if item.corrected_at:
            _add(row, "atom:updated", _time(item.changed_at))
        for name, values in (("dc:rights", (item.label,)), ("dc:source", item.sources), ("category", item.tags)):
            for each in values:
                _add(row, name, each)
        _add(row, "dc:creator", f"Stonehand ({item.generator})")
    return _written(root)


def atom(feed: Feed) -> str:
    """Atom. The sources are links of the kind `via`, the label stands in `rights`."""
    root = ElementTree.Element("feed", {"xmlns": ATOM})
    _add(root, "id", f"urn:uuid:{feed.id}")
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated_at.isoformat())
    _add(root, "generator", "Stonehand")
    ElementTree.SubElement(root, "link", {"rel": "self", "href": feed.address})
    ElementTree.SubElement(root, "link", {"rel": "alternate", "href": feed.page})
    for item in feed.items:
        entry = ElementTree.SubElement(root, "entry", {"xml:lang": item.language or "und"})
        for name, value in (("id", item.urn), ("title", item.title), ("updated", _time(item.changed_at))):
            _add(entry, name, value)
        _add(entry, "published", _time(item.at))
        ElementTree.SubElement(entry, "link", {"rel": "alternate", "href": item.url})
        for source in item.sources:
            ElementTree.SubElement(entry, "link", {"rel": "via", "href": source})
        _add(ElementTree.SubElement(entry, "author"), "name", f"Stonehand ({item.generator})")
        _add(entry, "summary", _summary(item))
        _add(entry, "rights", item.label)
        for tag in item.tags:
            ElementTree.SubElement(entry, "category", {"term": tag})
    return _written(root)


def json_feed(feed: Feed) -> str:
    """JSON Feed. Label, writer and sources stand in `_stonehand`, as the format wants for what it does not know."""
    items = [
        {
            "id": item.urn,
            "url": item.url,
            "title": item.title,
            "content_text": _summary(item),
            "summary": item.excerpt,
            "date_published": _time(item.at),
            **({"date_modified": _time(item.changed_at)} if item.corrected_at else {}),
            "language": item.language or "und",
            "tags": list(item.tags),
            "_stonehand": {"label": item.label, "generator": item.generator, "sources": list(item.sources)},
        }
        for item in feed.items
    ]
    head = {"version": "https://jsonfeed.org/version/1.1", "title": feed.title, "home_page_url": feed.page}
    return json.dumps({**head, "feed_url": feed.address, "items": items}, ensure_ascii=False)


KINDS: dict[str, tuple[str, Callable[[Feed], str]]] = {
    "rss": ("application/rss+xml", rss),
    "atom": ("application/atom+xml", atom),
    "json": ("application/feed+json", json_feed),
}


def _summary(item: Item) -> str:
    return f"{item.excerpt} ({item.label})" if item.label else item.excerpt


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _add(parent: ElementTree.Element, name: str, value: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = "".join(letter for letter in value if _is_fit(letter))


def _is_fit(letter: str) -> bool:
    """Whether XML 1.0 may hold it."""
    return (letter >= " " and letter not in "\ufffe\uffff" and not "\ud800" <= letter <= "\udfff") or letter in "\t\n\r"


def _written(root: ElementTree.Element) -> str:
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
