"""What can be read from a feed or a sitemap, as values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from stonehand.sources.addresses import canonical_url
from stonehand.sources.cleaning import one_line, or_none

MOST_ENTRIES = 500
LONGEST_KEY, LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_CONTENT = 500, 500, 5_000, 500_000  # characters


@dataclass(frozen=True)
class FeedEntry:
    """One entry. `key` is what its feed knows it by, or is derived; times are UTC; an entry has a url or content."""

    key: str
    url: str | None = None
    title: str = ""
    summary: str = ""
    content_html: str | None = None
    author: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    language: str | None = None


@dataclass(frozen=True)
class Reading:
    """A feed or sitemap as it was read. `format` is what people call it; `warnings` say what was amiss."""

    format: str
    entries: tuple[FeedEntry, ...] = ()
    title: str = ""
    home_url: str | None = None
    language: str | None = None
    warnings: tuple[str, ...] = ()
    whole: bool = True
    """False if the document was broken, so that it must be looked at again although it may not have changed."""


def entry(guid: str | None, url: str | None, **texts: str | datetime | None) -> FeedEntry | None:
    """An entry with tidy texts and a key; None if it has neither url nor content."""
    title = one_line(_text(texts.get("title")), LONGEST_TITLE)
    summary = one_line(_text(texts.get("summary")), LONGEST_SUMMARY)
    content = or_none(_text(texts.get("content_html")), LONGEST_CONTENT)
    if not url and not content and not summary:
        return None
    published, updated = texts.get("published"), texts.get("updated")
    made = FeedEntry(
        key="",
        url=url,
        title=title,
        summary=summary,
        content_html=content,
        author=one_line(_text(texts.get("author")), 200) or None,
        published=published if isinstance(published, datetime) else None,
        updated=updated if isinstance(updated, datetime) else None,
        language=language_code(_text(texts.get("language"))),
    )
    return replace(made, key=_key(guid, made))


def _text(value: str | datetime | None) -> str | None:
    return value if isinstance(value, str) else None


def _key(guid: str | None, made: FeedEntry) -> str:
    """The guid if there is one, else the canonical address, else a digest of what it says."""
    given = or_none(guid, 5 * LONGEST_KEY)
    if given:
        return given if len(given) <= LONGEST_KEY else "sha256:" + _digest(given)
    if made.url:
        address = canonical_url(made.url)
        return address if len(address) <= LONGEST_KEY else "sha256:" + _digest(address)
    return "sha256:" + _digest("\n".join((made.title, made.summary, made.content_html or "")))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def language_code(text: str | None) -> str | None:
    """`de` of `de-AT`; None if it is no language code."""
    code = (text or "").strip().replace("_", "-").partition("-")[0].lower()
    return code if code.isascii() and code.isalpha() and len(code) in (2, 3) else None


def distinct(entries: Iterable[FeedEntry | None]) -> tuple[FeedEntry, ...]:
    """The first entry of each key, at most `MOST_ENTRIES` of them."""
    found: dict[str, FeedEntry] = {}
    for each in entries:
        if each is not None and len(found) < MOST_ENTRIES:
            found.setdefault(each.key, each)
    return tuple(found.values())
