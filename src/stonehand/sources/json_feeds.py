"""JSON Feed, versions 1 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from typing import Any

from stonehand.sources import dates
from stonehand.sources.addresses import absolute
from stonehand.sources.cleaning import one_line
from stonehand.sources.errors import FeedMalformed
from stonehand.sources.json_documents import text as _text
from stonehand.sources.readings import LONGEST_TITLE, MOST_ENTRIES, FeedEntry, Reading, distinct, entry, language_code


def read(text: str, url: str) -> Reading:
    """Read a JSON Feed that came from `url`. Raises `FeedMalformed`."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedMalformed(f"the JSON cannot be read: {str(error)[:120]}") from error
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(feed, dict) or not isinstance(items, list):
        raise FeedMalformed("this JSON is no feed: it has no list of `items`")
    if "jsonfeed.org" not in _text(feed.get("version")) and not _text(feed.get("title")):
        raise FeedMalformed("this JSON is no feed: it has neither the `version` nor the `title` of one")
    language = language_code(_text(feed.get("language")))
    capped = f"it has {len(items)} entries; the first {MOST_ENTRIES} were taken"
    return Reading(
        format="JSON Feed",
        entries=distinct(_entry(item, url, language) for item in items[: 2 * MOST_ENTRIES] if isinstance(item, dict)),
        title=one_line(_text(feed.get("title")), LONGEST_TITLE),
        home_url=absolute(url, _text(feed.get("home_page_url"))),
        language=language,
        warnings=(capped,) if len(items) > MOST_ENTRIES else (),
    )


def _author(item: dict[str, Any]) -> str:
    listed = item.get("authors")
    people = listed if isinstance(listed, list) else [item.get("author")]
    return ", ".join(_text(person.get("name")) for person in people if isinstance(person, dict))


def _entry(item: dict[str, Any], url: str, language: str | None) -> FeedEntry | None:
    plain = _text(item.get("content_text"))
    return entry(
        _text(item.get("id")),
        absolute(url, _text(item.get("url")) or _text(item.get("external_url"))),
        title=_text(item.get("title")),
        summary=_text(item.get("summary")) or plain,
        content_html=_text(item.get("content_html")) or _paragraphs(plain),
        author=_author(item),
        published=dates.parse(_text(item.get("date_published"))),
        updated=dates.parse(_text(item.get("date_modified"))),
        language=_text(item.get("language")) or language,
    )


def _paragraphs(plain: str) -> str:
    escaped = plain.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"<p>{piece.strip()}</p>\n" for piece in escaped.split("\n\n") if piece.strip())
