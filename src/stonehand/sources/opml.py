"""OPML: lists of feeds, read and written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from stonehand.sources import xml_guard
from stonehand.sources.addresses import absolute, canonical_url
from stonehand.sources.cleaning import one_line, storable
from stonehand.sources.errors import OpmlMalformed
from stonehand.sources.xml_guard import Guarded, local_name

MOST_FEEDS = 5_000


@dataclass(frozen=True)
class Outline:
    """One feed of a list."""

    url: str
    title: str = ""
    home_url: str | None = None


@dataclass(frozen=True)
class FeedList:
    """An OPML document. `skipped` counts the lines that name no feed."""

    title: str
    outlines: tuple[Outline, ...]
    skipped: int = 0


def read(body: bytes, charset: str | None = None, base: str = "") -> FeedList:
    """Read an OPML list, folders flattened, each feed once. Raises an `Unreadable` error."""
    return read_xml(xml_guard.parse(body, charset), base)


def read_xml(document: Guarded, base: str = "") -> FeedList:
    """Read an OPML list that has passed the guard. Raises `OpmlMalformed`."""
    if document.name != "opml":
        raise OpmlMalformed(f"this XML is no OPML list: it starts with <{document.name[:40]}>")
    titles = [each.text for each in document.root.iter() if local_name(each) == "title"]
    found: dict[str, Outline] = {}
    skipped = 0
    for element in document.root.iter():
        if local_name(element) != "outline" or any(local_name(child) == "outline" for child in element):
            continue
        outline = _outline(element, base)
        if outline is None or len(found) >= MOST_FEEDS:
            skipped += 1
        else:
            found.setdefault(canonical_url(outline.url), outline)
    return FeedList(one_line(titles[0] if titles else "", 200), tuple(found.values()), skipped)


def _outline(element: etree._Element, base: str) -> Outline | None:
    named = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    url = absolute(base, named.get("xmlurl"))
    if url is None:
        return None
    title = one_line(named.get("title") or named.get("text"), 200)
    return Outline(url, title, absolute(base or url, named.get("htmlurl")))


def write(title: str, outlines: Iterable[Outline]) -> bytes:
    """An OPML 2.0 document in UTF-8."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = storable(title)
    body = etree.SubElement(root, "body")
    for outline in outlines:
        name = storable(outline.title) or outline.url
        element = etree.SubElement(body, "outline", type="rss", text=name, title=name, xmlUrl=outline.url)
        if outline.home_url:
            element.set("htmlUrl", outline.home_url)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
