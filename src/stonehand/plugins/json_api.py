"""Any JSON interface that lists things: paths say where the list is, and what of each thing is its title or address."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stonehand.hookspecs import Register, hookimpl
from stonehand.plugins import json_proposals
from stonehand.sources.interfaces import (
    Asked,
    Collected,
    Document,
    FeedEntry,
    Fetch,
    Reading,
    Request,
    SelectorsBroken,
    Way,
    absolute,
    distinct,
    entry,
    json_at,
    json_text,
    parse_date,
    read_json,
    unchanged,
)

_PLACE = re.compile(r"\{([A-Za-z0-9_.-]{1,100})\}")


class Options(BaseModel):
    """Where things are. A path names members and counts from 0: `data.items`, `authors.0.name`."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    items: str = Field(default="", max_length=200, description="path of the list; empty if the document is the list")
    link: str = Field(default="", max_length=200, description="path of an item's address")
    pattern: str = Field(default="", max_length=500, description="its address as a pattern: https://host/news/{id}")
    title: str = Field(default="title", max_length=200, description="path of its title")
    date: str = Field(default="", max_length=200, description="path of its date")
    summary: str = Field(default="", max_length=200, description="path of a few sentences")
    content: str = Field(default="", max_length=200, description="path of its whole text, as HTML")
    author: str = Field(default="", max_length=200, description="path of its author")
    id: str = Field(default="", max_length=200, description="path of what it is known by; else its address")
    language: str = Field(default="", max_length=200, description="path of its language")
    next: str = Field(default="", max_length=200, description="path of the next page's address, or of its mark")
    mark: str = Field(default="", max_length=60, description="parameter that takes the mark of the next page")
    page: str = Field(default="", max_length=60, description="parameter that takes the number of a page")
    first: int = Field(default=1, ge=0, le=1, description="number of the first page")
    pages: int = Field(default=1, ge=1, le=10, description="so many pages at a look, at most")

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Self:
        if not (self.link or self.pattern or self.content):
            raise ValueError("give the path of a link, a pattern for it, or the path of the content")
        return self


class JsonApi:
    """A list in JSON, read along paths, over several pages."""

    kind = "json"
    title = "JSON interface"
    polled = True
    options = Options

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        options = Options.model_validate(dict(asked.options))
        first = _first(asked.url, options)
        reply = fetch(Request(first, etag=asked.etag, modified=asked.modified, accept="application/json"))
        if reply.not_modified:
            return unchanged(asked)
        document = Document(reply.url, reply.body, reply.charset)
        entries = [*_read(document, options)]
        for turn in range(1, options.pages):
            url = _next(document, options, options.first + turn)
            if url is None or _is_old(entries, asked):
                break
            answer = fetch(Request(url, accept="application/json"))
            document = Document(answer.url, answer.body, answer.charset)
            more = _read(document, options)
            entries += more
            if not more:
                break
        kept = Document(reply.url, reply.body, reply.charset)
        reading = Reading("JSON", distinct(entries))
        return Collected(reading, etag=reply.etag, modified=reply.modified, url=reply.url, document=kept)

    def read(self, document: Document, options: Mapping[str, Any]) -> Reading:
        return Reading("JSON", _read(document, Options.model_validate(dict(options))))

    def ways(self, document: Document) -> list[Way]:
        """One way for each list of things that have an address."""
        found = []
        for path, items in json_proposals.lists(read_json(document.body, document.charset)):
            options = {"items": path} | json_proposals.guessed(items)
            if "link" in options:
                reading = self.read(document, options)
                found.append(Way(options, reading))
        return sorted(found, key=lambda way: -len(way.reading.entries))[:3]


def _read(document: Document, options: Options) -> tuple[FeedEntry, ...]:
    items = json_at(read_json(document.body, document.charset), options.items)
    if not isinstance(items, list):
        where = f"at ‘{options.items}’" if options.items else "in it"
        raise SelectorsBroken(
            f"{document.url} is JSON, but there is no list {where}; correct the path of the items", document
        )
    found = distinct(_entry(each, document.url, options) for each in items[:2000])
    if items and not found:
        raise SelectorsBroken(
            f"the list at {document.url} has {len(items)} items, and none has an address at "
            f"‘{options.link or options.pattern or options.content}’; correct the path",
            document,
        )
    return found


def _entry(item: Any, base: str, options: Options) -> FeedEntry | None:
    def text(path: str) -> str:
        return json_text(json_at(item, path)) if path else ""

    link = text(options.link) or _filled(options.pattern, item)
    return entry(
        text(options.id),
        absolute(base, link),
        title=text(options.title),
        summary=text(options.summary) if link or options.content else "",
        content_html=text(options.content),
        author=text(options.author),
        published=parse_date(text(options.date)),
        language=text(options.language),
    )


def _filled(pattern: str, item: Any) -> str:
    values = {name: json_text(json_at(item, name)) for name in _PLACE.findall(pattern)}
    if not pattern or not all(values.values()):
        return ""
    return _PLACE.sub(lambda match: quote(values[match[1]], safe="-._~"), pattern)


def _with(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    others = [each for each in parse_qsl(parts.query, keep_blank_values=True) if each[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*others, (name, value)])))


def _first(url: str, options: Options) -> str:
    return _with(url, options.page, str(options.first)) if options.page and options.pages > 1 else url


def _next(document: Document, options: Options, number: int) -> str | None:
    if options.page:
        return _with(document.url, options.page, str(number))
    said = json_text(json_at(read_json(document.body, document.charset), options.next)) if options.next else ""
    if not said:
        return None
    return _with(document.url, options.mark, said) if options.mark else absolute(document.url, said)


def _is_old(entries: list[FeedEntry], asked: Asked) -> bool:
    """Whether the last page went back beyond the last look, so that the next ones hold nothing new."""
    last = entries[-1].published if entries else None
    return bool(asked.since and last and last < asked.since)


@hookimpl
def register_sources(register: Register) -> None:
    register(JsonApi())
