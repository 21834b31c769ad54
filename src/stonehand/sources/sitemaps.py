"""Sitemaps, sitemap indexes and news sitemaps (sitemaps.org, Google's news extension)."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime

from lxml import etree

from stonehand.sources import dates, xml_guard
from stonehand.sources.addresses import absolute
from stonehand.sources.errors import SitemapMalformed
from stonehand.sources.readings import MOST_ENTRIES, FeedEntry, Reading, distinct, entry
from stonehand.sources.xml_guard import Guarded, local_name

LARGEST = 5 * 1024 * 1024  # bytes, unpacked
_NEVER = datetime.min.replace(tzinfo=UTC)
_INTERESTING = {"loc", "lastmod", "title", "publication_date", "language"}


@dataclass(frozen=True)
class Child:
    """A sitemap that an index names."""

    url: str
    changed: datetime | None = None


@dataclass(frozen=True)
class Sitemap:
    """A sitemap: pages in `reading`, newest first; or an index: `children`, newest first."""

    reading: Reading
    children: tuple[Child, ...] = ()


def unpacked(body: bytes) -> bytes:
    """The body itself, or what is in it if it is a gzip file. Raises `SitemapMalformed`."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        content = unpacker.decompress(body, LARGEST)
    except zlib.error as error:
        raise SitemapMalformed(f"the gzip file is damaged: {error}") from error
    if unpacker.unconsumed_tail:
        raise SitemapMalformed(f"it unpacks to more than {LARGEST:,} bytes")
    return content


def read(body: bytes, url: str, charset: str | None = None) -> Sitemap:
    """Read a sitemap or an index that came from `url`, packed or not. Raises an `Unreadable` error."""
    return read_xml(xml_guard.parse(unpacked(body), charset), url)


def read_xml(document: Guarded, url: str) -> Sitemap:
    """Read a sitemap that has passed the guard. Raises `SitemapMalformed`."""
    if document.name == "sitemapindex":
        return Sitemap(Reading(format="sitemap index", whole=not document.broken), _children(document.root, url))
    if document.name != "urlset":
        raise SitemapMalformed(f"this XML is no sitemap: it starts with <{document.name[:40]}>")
    pages = [page for element in document.root if (page := _page(element, url))]
    pages.sort(key=lambda page: page.published or page.updated or _NEVER, reverse=True)
    capped = f"it lists {len(pages)} pages; the newest {MOST_ENTRIES} were taken"
    news = any(page.title for page in pages)
    reading = Reading(
        format="news sitemap" if news else "sitemap",
        entries=distinct(pages),
        warnings=(capped,) if len(pages) > MOST_ENTRIES else (),
        whole=not document.broken,
    )
    return Sitemap(reading)


def _texts(element: etree._Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for child in element.iter():
        name = local_name(child)
        if name in _INTERESTING and child.text and "image" not in str(child.tag) and "video" not in str(child.tag):
            found.setdefault(name, child.text)
    return found


def _page(element: etree._Element, base: str) -> FeedEntry | None:
    texts = _texts(element)
    url = absolute(base, texts.get("loc"))
    if url is None:
        return None
    return entry(
        None,
        url,
        title=texts.get("title"),
        published=dates.parse(texts.get("publication_date")),
        updated=dates.parse(texts.get("lastmod")),
        language=texts.get("language"),
    )


def _children(root: etree._Element, base: str) -> tuple[Child, ...]:
    children = []
    for element in root:
        texts = _texts(element)
        if url := absolute(base, texts.get("loc")):
            children.append(Child(url, dates.parse(texts.get("lastmod"))))
    children.sort(key=lambda child: child.changed or _NEVER, reverse=True)
    return tuple(children)
