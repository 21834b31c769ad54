"""Hacker News: stories by a search (Algolia's index), or the site's own lists (its Firebase interface)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field

from stonehand.errors import Rejected
from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import (
    Asked,
    Claim,
    Collected,
    FeedEntry,
    Fetch,
    Reading,
    Request,
    Unreadable,
    distinct,
    entry,
    json_at,
    json_text,
    parse_date,
    read_json,
    unchanged,
)

SITE = "https://news.ycombinator.com"
SEARCHED = {"search": "story", "front": "front_page", "ask": "ask_hn", "show": "show_hn"}
PLACES = {"/": "front", "/news": "front", "/newest": "new", "/best": "best", "/ask": "ask", "/show": "show"}


class Options(BaseModel):
    """Which stories."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    stories: Literal["search", "front", "ask", "show", "top", "new", "best"] = Field(
        default="search", description="search: the newest that match; the others are lists of the site"
    )
    query: str = Field(default="", max_length=200, description="words to search for; all stories without any")
    points: int = Field(default=0, ge=0, le=10_000, description="at least so many points")
    comments: int = Field(default=0, ge=0, le=10_000, description="at least so many comments")
    most: int = Field(default=30, ge=1, le=200, description="so many stories at a look")
    search_at: str = Field(default="https://hn.algolia.com", max_length=200, description="where searches go")
    lists_at: str = Field(
        default="https://hacker-news.firebaseio.com", max_length=200, description="where the lists top, new, best are"
    )


class HackerNews:
    """Stories with their points and comments. What has no address of its own is read at the site."""

    kind = "hackernews"
    title = "Hacker News"
    polled = True
    options = Options
    usual_url = f"{SITE}/"

    def claim(self, url: str) -> Claim | None:
        parts = urlsplit(url)
        if parts.hostname not in ("news.ycombinator.com", "hn.algolia.com"):
            return None
        query = (parse_qs(parts.query).get("q") or parse_qs(parts.query).get("query") or [""])[0]
        if query:
            return Claim(self.usual_url, f"Hacker News: {query}", {"query": query})
        listed = PLACES.get(parts.path or "/")
        return Claim(self.usual_url, f"Hacker News: {listed}", {"stories": listed}) if listed else None

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        options = Options.model_validate(dict(asked.options))
        return _searched(asked, options, fetch) if options.stories in SEARCHED else _listed(options, fetch)


def _searched(asked: Asked, options: Options, fetch: Fetch) -> Collected:
    limits = [f"points>={options.points}"] * bool(options.points)
    limits += [f"num_comments>={options.comments}"] * bool(options.comments)
    wish = {"tags": SEARCHED[options.stories], "query": options.query, "hitsPerPage": options.most}
    wish |= {"numericFilters": ",".join(limits)} if limits else {}
    url = f"{options.search_at.rstrip('/')}/api/v1/search_by_date?{urlencode(wish)}"
    reply = fetch(Request(url, etag=asked.etag, modified=asked.modified, accept="application/json"))
    if reply.not_modified:
        return unchanged(asked)
    hits = json_at(read_json(reply.body, reply.charset), "hits")
    if not isinstance(hits, list):
        raise Unreadable(f"{reply.url} is no answer to a search at Hacker News: it has no `hits`")
    found = [_hit(each) for each in hits if isinstance(each, dict) and _enough(each, "points", "num_comments", options)]
    return Collected(Reading("Hacker News", distinct(found)), etag=reply.etag, modified=reply.modified, url=reply.url)


def _enough(story: Mapping[str, Any], points: str, comments: str, options: Options) -> bool:
    return _number(story.get(points)) >= options.points and _number(story.get(comments)) >= options.comments


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9 else 0


def _hit(hit: Mapping[str, Any]) -> FeedEntry | None:
    texts = {name: json_text(hit.get(name)) for name in ("title", "url", "author", "created_at", "story_text")}
    return _story(json_text(hit.get("objectID")), texts, _number(hit.get("points")), _number(hit.get("num_comments")))


def _story(number: str, texts: Mapping[str, str], points: int, comments: int) -> FeedEntry | None:
    if not number.isdecimal() or not texts["title"]:
        return None
    url = texts["url"] if texts["url"].startswith(("http://", "https://")) else ""
    return entry(
        f"hackernews:{number}",
        url or f"{SITE}/item?id={number}",
        title=texts["title"],
        summary=f"{points} points, {comments} comments: {SITE}/item?id={number}",
        content_html=None if url else texts["story_text"],
        author=texts["author"],
        published=parse_date(texts["created_at"]),
        language="en",
    )


def _listed(options: Options, fetch: Fetch) -> Collected:
    base = options.lists_at.rstrip("/")
    reply = fetch(Request(f"{base}/v0/{options.stories}stories.json", accept="application/json"))
    ids = read_json(reply.body, reply.charset)
    if not isinstance(ids, list):
        raise Unreadable(f"{reply.url} is no list of stories of Hacker News")
    wanted = [json_text(each) for each in ids if json_text(each).isdecimal()]
    found, warnings = [], []
    for number in wanted[: options.most]:
        try:
            found.append(_item(fetch(Request(f"{base}/v0/item/{number}.json")).body, options))
        except Rejected as error:
            warnings.append(f"story {number}: {error}")
    if warnings and not any(found):
        raise Unreadable("; ".join(warnings[:3]))
    return Collected(Reading("Hacker News", distinct(found), warnings=tuple(warnings[:5])), url=reply.url)


def _item(body: bytes, options: Options) -> FeedEntry | None:
    item = read_json(body)
    if not isinstance(item, dict) or item.get("dead") or item.get("deleted") or item.get("type") == "comment":
        return None
    if not _enough(item, "score", "descendants", options) or not _matches(item, options.query):
        return None
    names = {"title": "title", "url": "url", "author": "by", "created_at": "time", "story_text": "text"}
    texts = {ours: json_text(item.get(theirs)) for ours, theirs in names.items()}
    return _story(json_text(item.get("id")), texts, _number(item.get("score")), _number(item.get("descendants")))


def _matches(item: Mapping[str, Any], query: str) -> bool:
    title = json_text(item.get("title")).casefold()
    return all(word in title for word in query.casefold().split())


@hookimpl
def register_sources(register: Register) -> None:
    register(HackerNews())
