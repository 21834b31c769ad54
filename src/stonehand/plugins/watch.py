"""A page without a feed that is watched: selectors say what of it is an item, its link, title and date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from lxml import etree, html
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from stonehand.hookspecs import Register, hookimpl
from stonehand.plugins import watch_proposals
from stonehand.plugins.watch_proposals import words
from stonehand.plugins.watch_selectors import LONGEST, find, to_xpath
from stonehand.sources.interfaces import (
    Asked,
    Collected,
    Document,
    FeedEntry,
    Fetch,
    Reading,
    Request,
    SelectorsBroken,
    Unreadable,
    Way,
    absolute,
    decode,
    distinct,
    entry,
    overloaded,
    parse_date,
    unchanged,
)

MOST_ITEMS = 1000


def _is_selector(selector: str) -> str:
    if selector:
        to_xpath(selector)
    return selector


Selector = Annotated[str, Field(max_length=LONGEST), AfterValidator(_is_selector)]


class Options(BaseModel):
    """Selectors in the manner of CSS; all but the first look inside an item."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    item: Annotated[str, Field(min_length=1), AfterValidator(_is_selector)] = Field(
        max_length=LONGEST, description="what is one item: article.teaser"
    )
    link: Selector = Field(default="", description="its link; the item itself or its first link if empty")
    title: Selector = Field(default="", description="its title; the words of the link if empty")
    date: Selector = Field(default="", description="its date")
    summary: Selector = Field(default="", description="a few sentences about it")


class Watch:
    """A watched page. Once its selectors match nothing any more, the look has failed, and says so."""

    kind = "watch"
    title = "watched page"
    polled = True
    options = Options
    reads_pages = True

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        reply = fetch(Request(asked.url, etag=asked.etag, modified=asked.modified, accept="text/html, */*;q=0.5"))
        if reply.not_modified:
            return unchanged(asked)
        document = Document(reply.url, reply.body, reply.charset)
        return Collected(
            self.read(document, asked.options),
            etag=reply.etag,
            modified=reply.modified,
            url=reply.url,
            document=document,
        )

    def read(self, document: Document, options: Mapping[str, Any]) -> Reading:
        wanted, root = Options.model_validate(dict(options)), _root(document)
        base = absolute(document.url, _attribute(root, "base", "href")) or document.url
        items = find(root, wanted.item)[:MOST_ITEMS]
        found = distinct(_entry(each, base, wanted) for each in items)
        if not items:
            raise SelectorsBroken(
                f"nothing in {document.url} matches ‘{wanted.item}’ (any more); choose other selectors", document
            )
        if not found:
            raise SelectorsBroken(
                f"{len(items)} items in {document.url} match ‘{wanted.item}’, and no link is at ‘{wanted.link or 'a'}’ "
                "in them (any more); choose other selectors",
                document,
            )
        return Reading("watched page", found, title=_title(root), language=root.get("lang"))

    def ways(self, document: Document) -> list[Way]:
        found = list[Way]()
        for options in watch_proposals.propose(_root(document)):
            try:
                reading = self.read(document, options)
            except SelectorsBroken:
                continue
            known = [{each.url for each in way.reading.entries} for way in found]
            if len(reading.entries) >= watch_proposals.FEWEST and {each.url for each in reading.entries} not in known:
                found.append(Way(options, reading))
        return found[:3]


def _root(document: Document) -> etree._Element:
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    text = decode(document.body, document.charset).replace("\x00", "")
    if overloaded(text):
        raise Unreadable(f"a tag of {document.url} has so many attributes that it would take minutes to read")
    if "<" not in text:
        raise Unreadable(f"{document.url} is no web page")
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable(f"{document.url} is no web page that can be read: {error}") from error


def _attribute(root: etree._Element, tag: str, name: str) -> str | None:
    found = next(root.iter(tag), None)
    return None if found is None else found.get(name)


def _title(root: etree._Element) -> str:
    found = next(root.iter("title"), None)
    return "" if found is None else words(found)


def _entry(item: etree._Element, base: str, wanted: Options) -> FeedEntry | None:
    link = _link(item, wanted.link)
    url = None if link is None else absolute(base, link.get("href"))
    if link is None or url is None:
        return None
    return entry(
        None,
        url,
        title=_said(item, wanted.title) or words(link),
        published=_date(item, wanted.date),
        summary=_said(item, wanted.summary),
    )


def _link(item: etree._Element, selector: str) -> etree._Element | None:
    if not selector and item.tag == "a":
        return item
    found = find(item, selector or "a")
    return next((each for each in found if each.get("href")), None)


def _said(item: etree._Element, selector: str) -> str:
    found = find(item, selector) if selector else []
    return words(found[0]) if found else ""


def _date(item: etree._Element, selector: str) -> Any:
    for element in find(item, selector) if selector else ():
        for said in (element.get("datetime"), element.get("content"), element.get("title"), words(element)):
            if moment := parse_date(said):
                return moment
    return None


@hookimpl
def register_sources(register: Register) -> None:
    register(Watch())
