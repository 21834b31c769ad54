"""Feeds that answer a query, in the manner of Google News: words, a language and a country make the address."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from stonehand.errors import Rejected
from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import (
    ACCEPT,
    Asked,
    Claim,
    Collected,
    FeedEntry,
    Fetch,
    Request,
    absolute,
    distinct,
    read_feed,
    unchanged,
)

ASKED_AT_MOST = 10  # links that are followed at one look
_PACKED = re.compile(r"/(?:rss/)?articles/([A-Za-z0-9_-]{20,2000})")
_INSIDE = re.compile(rb"https?://[\x21-\x7e]{4,1900}")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Options(BaseModel):
    """What is searched for, and for whom."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    query: str = Field(min_length=1, max_length=300, description="words; quotes, OR and site: are understood there")
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", description="such as en or de")
    country: str = Field(default="US", pattern=r"^[A-Z]{2}$", description="such as GB or AT")
    days: int = Field(default=0, ge=0, le=365, description="not older than so many days; 0 for any age")
    follow: bool = Field(default=True, description="ask the service where a link leads, if the link does not tell")


class QueryFeed:
    """The feed of a search. Its links go through the service; they become those of the publishers where possible."""

    kind = "query"
    title = "news search"
    polled = True
    options = Options
    usual_url = "https://news.google.com/rss/search"

    def claim(self, url: str) -> Claim | None:
        parts, asked = urlsplit(url), parse_qs(urlsplit(url).query)
        if parts.hostname != "news.google.com" or "q" not in asked:
            return None
        options = {
            "query": asked["q"][0],
            "language": asked.get("hl", ["en"])[0],
            "country": asked.get("gl", ["US"])[0],
        }
        return Claim(self.usual_url, f"News: {asked['q'][0]}", options)

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        options = Options.model_validate(dict(asked.options))
        reply = fetch(Request(_address(asked.url, options), etag=asked.etag, modified=asked.modified, accept=ACCEPT))
        if reply.not_modified:
            return unchanged(asked)
        reading = read_feed(reply.body, reply.url, reply.charset)
        entries = [replace(each, url=_told(each.url), title=_title(each.title)) for each in reading.entries]
        if options.follow:
            entries = _followed(entries, asked, fetch)
        return Collected(
            replace(reading, entries=distinct(entries)), etag=reply.etag, modified=reply.modified, url=reply.url
        )


def _address(url: str, options: Options) -> str:
    language = options.language.partition("-")[0]
    words = options.query + (f" when:{options.days}d" if options.days else "")
    wish = {
        "q": words,
        "hl": options.language if "-" in options.language else f"{language}-{options.country}",
        "gl": options.country,
        "ceid": f"{options.country}:{language}",
    }
    return f"{url}{'&' if '?' in url else '?'}{urlencode(wish)}"


def _title(title: str) -> str:
    """Without the publisher behind the last dash, which the service adds."""
    bare, dash, publisher = title.rpartition(" - ")
    return bare if dash and len(bare) > len(publisher) else title


def _told(url: str | None) -> str | None:
    """Where a link leads, if it says so itself: in a parameter, or packed into its path."""
    if url is None:
        return None
    parts = urlsplit(url)
    for name in ("url", "q"):
        for value in parse_qs(parts.query).get(name, ()):
            if value.startswith(("http://", "https://")) and (told := absolute(url, value)):
                return told
    match = _PACKED.search(parts.path)
    return (_unpacked(match[1], url) if match else None) or url


def _unpacked(packed: str, url: str) -> str | None:
    try:
        content = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
    except (binascii.Error, ValueError):
        return None
    inside = _INSIDE.search(content)
    return absolute(url, inside[0].decode("ascii")) if inside else None


def _followed(entries: list[FeedEntry], asked: Asked, fetch: Fetch) -> list[FeedEntry]:
    """Ask where links of the service lead: a few, of what is newer than the last look, since each is a request."""
    home = urlsplit(asked.url).netloc
    wanted = [each for each in entries if each.url and urlsplit(each.url).netloc == home and _is_new(each, asked)]
    places = {each.key: _place(each, fetch) for each in wanted[:ASKED_AT_MOST]}
    return [replace(each, url=places.get(each.key) or each.url) for each in entries]


def _is_new(each: FeedEntry, asked: Asked) -> bool:
    return asked.since is None or (each.published or each.updated or _LONG_AGO) > asked.since


def _place(each: FeedEntry, fetch: Fetch) -> str | None:
    try:
        return fetch(Request(each.url or "")).url
    except Rejected:
        return None  # then the link stays as it was


@hookimpl
def register_sources(register: Register) -> None:
    register(QueryFeed())
