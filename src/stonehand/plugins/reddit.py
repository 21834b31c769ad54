"""Reddit: the posts of a subreddit or user, from its JSON listings or its feeds."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import (
    ACCEPT,
    Asked,
    Claim,
    Collected,
    FeedEntry,
    Fetch,
    Reading,
    Reply,
    Request,
    Unreadable,
    absolute,
    distinct,
    entry,
    json_at,
    json_text,
    parse_date,
    read_feed,
    read_json,
    unchanged,
)

HOSTS = re.compile(r"(?:(?:www|old|new|np|m)\.)?reddit\.com")
PLACE = re.compile(r"/(r|user|u)/([A-Za-z0-9_+-]{1,200})")
LINKED = re.compile(r"""<a href="([^"]{1,2000})">\s*\[link\]\s*</a>""")


class Options(BaseModel):
    """Which posts, and how they are asked for."""

    model_config = ConfigDict(extra="forbid")

    sort: Literal["new", "hot", "top", "rising"] = Field(default="new", description="which posts come first")
    form: Literal["json", "rss"] = Field(default="json", description="rss knows no points; some networks get only that")
    points: int = Field(default=0, ge=0, le=1_000_000, description="at least so many points (json)")
    comments: int = Field(default=0, ge=0, le=1_000_000, description="at least so many comments (json)")
    pinned: bool = Field(default=False, description="also what the moderators have pinned (json)")


class Reddit:
    """Posts: what they link to, or their own text."""

    kind = "reddit"
    title = "Reddit"
    polled = True
    options = Options

    def claim(self, url: str) -> Claim | None:
        parts = urlsplit(url)
        place = PLACE.match(parts.path)
        if not HOSTS.fullmatch(parts.hostname or "") or not place or "/comments/" in parts.path:
            return None
        sort = next((each for each in ("new", "hot", "top", "rising") if f"/{each}" in parts.path), "new")
        title = f"{'r' if place[1] == 'r' else 'u'}/{place[2]}"
        return Claim(f"https://www.reddit.com{place[0]}", title, {} if sort == "new" else {"sort": sort})

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        options = Options.model_validate(dict(asked.options))
        ending = "json?limit=100&raw_json=1" if options.form == "json" else "rss?limit=100"
        url = f"{asked.url.rstrip('/')}/{options.sort}.{ending}"
        accept = "application/json" if options.form == "json" else ACCEPT
        reply = fetch(Request(url, etag=asked.etag, modified=asked.modified, accept=accept))
        if reply.not_modified:
            return unchanged(asked)
        reading = _listing(reply, options) if options.form == "json" else _feed(reply)
        return Collected(reading, etag=reply.etag, modified=reply.modified, url=reply.url)


def _listing(reply: Reply, options: Options) -> Reading:
    posts = json_at(read_json(reply.body, reply.charset), "data.children")
    if not isinstance(posts, list):
        raise Unreadable(f"{reply.url} is no listing of Reddit: it has no `data.children`")
    found = [_post(json_at(each, "data"), reply.url, options) for each in posts]
    return Reading("Reddit listing", distinct(found))


def _post(post: Any, base: str, options: Options) -> FeedEntry | None:
    if not isinstance(post, dict) or not isinstance(post.get("permalink"), str) or not json_text(post.get("name")):
        return None
    points, comments = _number(post.get("score")), _number(post.get("num_comments"))
    if points < options.points or comments < options.comments or (post.get("stickied") and not options.pinned):
        return None
    talk = absolute(base, post["permalink"])
    linked = None if post.get("is_self") else absolute(base, json_text(post.get("url")))
    return entry(
        json_text(post.get("name")),
        linked or talk,
        title=json_text(post.get("title")),
        summary=f"{points} points, {comments} comments: {talk}",
        content_html=json_text(post.get("selftext_html")) if linked is None else None,
        author=json_text(post.get("author")),
        published=parse_date(json_text(post.get("created_utc")).partition(".")[0]),
    )


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12 else 0


def _feed(reply: Reply) -> Reading:
    """Its feeds name the talk about a post; what the post links to stands in their text."""
    reading = read_feed(reply.body, reply.url, reply.charset)
    return replace(reading, entries=distinct(_linked(each, reply.url) for each in reading.entries))


def _linked(each: FeedEntry, base: str) -> FeedEntry:
    match = LINKED.search(each.content_html or "")
    url = absolute(base, match[1].replace("&amp;", "&")) if match else None
    return replace(each, url=url, content_html=None) if url and url != each.url else each


@hookimpl
def register_sources(register: Register) -> None:
    register(Reddit())
