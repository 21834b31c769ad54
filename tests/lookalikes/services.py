"""What services answer: Hacker News, Reddit, a search for news, a page and a JSON interface, shaped as theirs are."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from stonehand.sources.contract import Thing

NEVER = datetime(1999, 1, 1, tzinfo=UTC)


def rss(things: Sequence[Thing]) -> str:
    items = "".join(_item(each, each.url) for each in things)
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"


def _item(each: Thing, link: str, title: str = "") -> str:
    return (
        f"<item><guid isPermaLink='false'>n{each.number}</guid><title>{escape(title or each.title)}</title>"
        f"<link>{escape(link)}</link><pubDate>{format_datetime(each.published)}</pubDate></item>"
    )


def front_page(things: Sequence[Thing]) -> str:
    teasers = "".join(
        f"<article class='teaser c-{each.number}'><h2><a href='{escape(each.url)}'>{escape(each.title)}</a></h2>"
        f"<p>A few words about it.</p><time datetime='{each.published.isoformat()}'>then</time>"
        "<a href='/topics/all'>More of this topic</a></article>"
        for each in things
    )
    menu = "".join(f"<li><a href='/part/{n}'>A part of this newspaper {n}</a></li>" for n in range(12))
    return f"<!DOCTYPE html><title>The Tide</title><nav><ul>{menu}</ul></nav><main>{teasers}</main>"


def algolia(things: Sequence[Thing]) -> str:
    """As hn.algolia.com/api/v1 answers a search."""
    hits = [
        {
            "objectID": str(each.number),
            "title": each.title,
            "url": each.url,
            "author": "pg",
            "points": each.number,
            "num_comments": 2 * each.number,
            "created_at": each.published.isoformat(),
            "created_at_i": int(each.published.timestamp()),
            "_tags": ["story", "author_pg", f"story_{each.number}"],
        }
        for each in things
    ]
    return json.dumps({"hits": hits, "nbHits": len(hits), "page": 0, "hitsPerPage": 30})


def firebase(path: str, things: Sequence[Thing]) -> str:
    """As hacker-news.firebaseio.com answers for a list and for an item."""
    match = re.fullmatch(r"/v0/item/(\d+)\.json", path)
    if not match:
        return json.dumps([each.number for each in things])
    found = [each for each in things if each.number == int(match[1])]
    if not found:
        return "null"
    each = found[0]
    item = {"id": each.number, "type": "story", "by": "pg", "title": each.title, "url": each.url}
    return json.dumps(item | {"score": 10, "descendants": 3, "time": int(each.published.timestamp())})


def reddit_listing(things: Sequence[Thing]) -> str:
    posts = [
        {
            "kind": "t3",
            "data": {
                "name": f"t3_{each.number}",
                "title": each.title,
                "url": each.url,
                "permalink": f"/r/news/comments/{each.number}/slug/",
                "is_self": False,
                "selftext_html": None,
                "author": "somebody",
                "score": each.number,
                "num_comments": 5,
                "created_utc": each.published.timestamp(),
                "stickied": False,
            },
        }
        for each in things
    ]
    return json.dumps({"kind": "Listing", "data": {"after": None, "dist": len(posts), "children": posts}})


def reddit_feed(things: Sequence[Thing]) -> str:
    entries = "".join(
        f"<entry><id>t3_{each.number}</id><title>{escape(each.title)}</title>"
        f"<link href='https://www.reddit.com/r/news/comments/{each.number}/'/>"
        f"<updated>{each.published.isoformat()}</updated><content type='html'>"
        + escape(f'submitted by /u/x <span><a href="{escape(each.url)}">[link]</a></span> <a href="#">[comments]</a>')
        + "</content></entry>"
        for each in things
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>news</title>{entries}</feed>'


def packed(url: str) -> str:
    """An address inside a link, as older links of Google News hold it."""
    content = b"\x08\x13\x22" + bytes([len(url)]) + url.encode() + b"\xd2\x01\x00"
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def query_feed(things: Sequence[Thing], base: str) -> str:
    items = "".join(
        _item(each, f"{base}/rss/articles/{packed(each.url)}?oc=5", f"{each.title} - The Tide") for each in things
    )
    return f"<rss version='2.0'><channel><title>News</title>{items}</channel></rss>"


def json_list(things: Sequence[Thing]) -> str:
    items = [
        {"id": each.number, "headline": each.title, "web": {"url": each.url}, "published": each.published.isoformat()}
        for each in things
    ]
    return json.dumps({"data": {"items": items, "total": len(items)}})
