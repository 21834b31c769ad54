"""OPML: lists of feeds, read and written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from stonehand.sources import xml_guard
from stonehand.sources.addresses import LONGEST, absolute, canonical_url
from stonehand.sources.cleaning import one_line, storable
from stonehand.sources.errors import AddressMalformed, OpmlMalformed
from stonehand.sources.xml_guard import Guarded, local_name

MOST_FEEDS = 5_000
OURS = "urn:stonehand:sources"  # the namespace of what other readers of OPML do not know


@dataclass(frozen=True)
class Outline:
    """One feed of a list, or a source of another kind, with how it is kept here; secrets never leave."""

    url: str
    title: str = ""
    home_url: str | None = None
    kind: str = "feed"
    language: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    interval_seconds: int | None = None
    is_adaptive: bool = True
    enabled: bool = True


@dataclass(frozen=True)
class Refused:
    """A line that cannot be taken, and why."""

    url: str
    title: str
    reason: str


@dataclass(frozen=True)
class FeedList:
    """An OPML document. `skipped` counts the lines that name no feed; those with an unusable address are `refused`."""

    title: str
    outlines: tuple[Outline, ...]
    skipped: int = 0
    refused: tuple[Refused, ...] = ()


def read(body: bytes, charset: str | None = None, base: str = "") -> FeedList:
    """Read an OPML list, folders flattened, each feed once. Raises an `Unreadable` error."""
    return read_xml(xml_guard.parse(body, charset), base)


def read_xml(document: Guarded, base: str = "") -> FeedList:
    """Read an OPML list that has passed the guard. Raises `OpmlMalformed`."""
    if document.name != "opml":
        raise OpmlMalformed(f"this XML is no OPML list: it starts with <{document.name[:40]}>")
    titles = [each.text for each in document.root.iter() if local_name(each) == "title"]
    found: dict[str, Outline] = {}
    refused: list[Refused] = []
    skipped = 0
    for element in document.root.iter():
        if local_name(element) != "outline" or any(local_name(child) == "outline" for child in element):
            continue
        outline, wrong = _outline(element, base), _refused(element)
        if outline is not None and len(found) < MOST_FEEDS:
            found.setdefault(_name(outline), outline)
        elif wrong is not None and len(refused) < MOST_FEEDS:
            refused.append(wrong)
        else:
            skipped += 1
    title = one_line(titles[0] if titles else "", 200)
    return FeedList(title, tuple(found.values()), skipped, tuple(refused))


def _refused(element: etree._Element) -> Refused | None:
    """A line whose address is none that we ask, or that comes after the last one we take."""
    named = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    url = one_line(named.get("xmlurl"), 300)
    if not url:
        return None
    try:
        canonical_url(url)
    except AddressMalformed as error:
        reason = str(error)
    else:
        too_long = f"it is longer than {LONGEST:,} characters"
        reason = too_long if len(named["xmlurl"]) > LONGEST else f"a list brings {MOST_FEEDS:,} sources at most"
    return Refused(url, one_line(named.get("title") or named.get("text"), 200), reason)


def _name(outline: Outline) -> str:
    plain = canonical_url(outline.url) if outline.url.lower().startswith("http") else outline.url
    return plain if not outline.options else f"{plain} {json.dumps([outline.kind, outline.options], sort_keys=True)}"


def _outline(element: etree._Element, base: str) -> Outline | None:
    named = {str(name).lower(): str(value) for name, value in element.attrib.items()}
    ours = {name.removeprefix(f"{{{OURS}}}"): value for name, value in named.items() if name.startswith(f"{{{OURS}}}")}
    url = absolute(base, named.get("xmlurl") or (named.get("url") if "kind" in ours else None)) or _made_up(ours)
    if url is None:
        return None
    interval = ours.get("interval", "")
    return Outline(
        url,
        one_line(named.get("title") or named.get("text"), 200),
        absolute(base or url, named.get("htmlurl")),
        kind=ours.get("kind", "feed"),
        language=named.get("language") or None,
        options=_json(ours.get("options"), dict),
        tags=(*_folders(element), *(each for each in named.get("category", "").split(",") if each.strip())),
        rules=tuple(each for each in _json(ours.get("rules"), list) if isinstance(each, dict)),
        interval_seconds=int(interval) if interval.isdecimal() and 30 <= int(interval[:9]) <= 604_800 else None,
        is_adaptive=ours.get("adaptive") != "false",
        enabled=ours.get("enabled") != "false",
    )


def _made_up(ours: Mapping[str, str]) -> str | None:
    """The address of a kind whose sources have none."""
    return f"{ours['kind']}:" if ours.get("kind") and ours.get("options") else None


def _folders(element: etree._Element) -> list[str]:
    names = [each.get("text") or each.get("title") for each in element.iterancestors() if local_name(each) == "outline"]
    return [name for name in names if name]


def _json(text: str | None, sort: type[Any]) -> Any:
    try:
        found = json.loads(text or "null")
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, sort) else sort()


def write(title: str, outlines: Iterable[Outline]) -> bytes:
    """An OPML 2.0 document in UTF-8."""
    root = etree.Element("opml", version="2.0", nsmap={"stonehand": OURS})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = storable(title)
    body = etree.SubElement(root, "body")
    for outline in outlines:
        name = storable(outline.title) or outline.url
        is_feed = outline.kind == "feed"
        place = {"xmlUrl" if is_feed else "url": outline.url}
        element = etree.SubElement(body, "outline", type="rss" if is_feed else "link", text=name, title=name)
        for attribute, value in (place | _attributes(outline)).items():
            element.set(attribute, value)
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)


def _attributes(outline: Outline) -> dict[str, str]:
    """What there is to say beside the address, in the words of OPML where it has some."""
    said = {
        "htmlUrl": outline.home_url or "",
        "language": outline.language or "",
        "category": ",".join(storable(each) for each in outline.tags),
        f"{{{OURS}}}kind": outline.kind if outline.kind != "feed" else "",
        f"{{{OURS}}}options": json.dumps(dict(outline.options)) if outline.options else "",
        f"{{{OURS}}}rules": json.dumps([dict(each) for each in outline.rules]) if outline.rules else "",
        f"{{{OURS}}}interval": str(outline.interval_seconds or ""),
        f"{{{OURS}}}adaptive": "" if outline.is_adaptive else "false",
        f"{{{OURS}}}enabled": "" if outline.enabled else "false",
    }
    return {name: storable(value) for name, value in said.items() if value}
