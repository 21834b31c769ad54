"""Many pages at once: putting their addresses in, and what has become of each by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stonehand.analysis import queries
from stonehand.analysis.models import Analysis
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.articles.states import State
from stonehand.db import Session
from stonehand.errors import Rejected
from stonehand.sources import queries as sources
from stonehand.sources import service
from stonehand.sources.models import Entry, EntryState

MOST_PAGES = 100
LARGEST = 10  # addresses that go in together
SHOWN_PHRASES = 5
WAITING = "waiting"
Row = dict[str, Any]


class AddressesUnfit(Rejected):
    """A list of addresses is empty or too long."""


def wanted(urls: str) -> list[str]:
    """Addresses that are separated by blanks or lines, each once. Raises `AddressesUnfit`."""
    found = list(dict.fromkeys(urls.split()))
    if not 0 < len(found) <= MOST_PAGES:
        raise AddressesUnfit(f"give 1 to {MOST_PAGES} addresses, not {len(found)}")
    return found


def portions(urls: Sequence[str]) -> list[Sequence[str]]:
    """A tenth of them at a time, ten at most."""
    size = min(max(len(urls) // 10, 1), LARGEST)
    return [urls[start : start + size] for start in range(0, len(urls), size)]


def put_in(session: Session, urls: Sequence[str]) -> list[Row]:
    """Ask for these pages. An address that is none spoils nothing but itself."""
    return [_put_in(session, url) for url in urls]


def _put_in(session: Session, url: str) -> Row:
    try:
        added = service.add_page(session, url)
    except Rejected as error:
        return {"url": url, "entry_id": None, "is_new": False, "error": str(error)}
    return {"url": url, "entry_id": added.entry_id, "is_new": added.is_new, "error": None}


def fates(session: Session, rows: Sequence[Row]) -> list[Row]:
    """What has become of each: `processed`, `already_exists`, `failed` or `waiting`, with what is known of it."""
    entries = sources.entries(session, [row["entry_id"] for row in rows if row["entry_id"]])
    found = articles.articles(session, [each.article_id for each in entries.values() if each.article_id])
    analysed = queries.analyses(session, list(found))
    return [_fate(row, entries.get(row["entry_id"] or ""), found, analysed) for row in rows]


def _fate(row: Row, entry: Entry | None, found: Mapping[str, Article], analysed: Mapping[str, Analysis]) -> Row:
    put = {"url": row["url"], "entry_id": row["entry_id"], "is_new": row["is_new"], "article_id": None}
    if row["error"] or entry is None:
        return put | {"status": "failed", "error": row["error"] or "its entry was removed meanwhile"}
    article = found.get(entry.article_id or "")
    if entry.state == EntryState.NEW or (article and article.state == State.STORED):
        return put | {"status": WAITING, "error": entry.error}
    if article is None or article.state != State.EXTRACTED:
        return put | {"status": "failed", "error": _why(entry, article)}
    analysis = analysed.get(article.id)
    if analysis is None:
        return put | {"status": WAITING, "error": None, "article_id": article.id}
    status = "processed" if row["is_new"] and entry.state != EntryState.SKIPPED else "already_exists"
    return put | {"status": status, "error": None} | _known(article, analysis)


def _why(entry: Entry, article: Article | None) -> str:
    if article and article.state == State.GONE:
        return "it was forgotten on request"
    return (article.error if article else entry.error) or "it holds no article"


def _known(article: Article, analysis: Analysis) -> Row:
    return {
        "article_id": article.id,
        "title": article.title,
        "author": article.author,
        "published_at": article.published_at.isoformat() if article.published_at else None,
        "language": analysis.language,
        "word_count": analysis.word_count,
        "reading_minutes": analysis.reading_minutes,
        "key_phrases": [phrase["text"] for phrase in analysis.key_phrases[:SHOWN_PHRASES]],
        "duplicate_of": article.duplicate_of,
    }


def outcome(rows: Sequence[Row], late: str = "") -> Row:
    """The result of a job: all of it, and the addresses told apart. What still waits is `late`, if that is given."""
    told = [row | {"error": late} if late and row["status"] == WAITING else row for row in rows]
    bad = {"failed", WAITING} if late else {"failed"}
    return {
        "articles": told,
        "processed_urls": [row["url"] for row in rows if row["status"] in ("processed", "already_exists")],
        "failed_urls": [row["url"] for row in rows if row["status"] in bad],
        "errors": {row["url"]: row["error"] for row in told if row["error"] and row["status"] in bad},
    }
