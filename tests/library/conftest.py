"""A small library: articles with words, on either database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from stonehand.articles import indexing
from stonehand.articles.models import Article, StoredText
from stonehand.db import Database, new_id
from stonehand.sources.models import Source

Shelve = Callable[..., str]
NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)


def put(database: Database, title: str, text: str, **facts: Any) -> str:
    """An article as extraction leaves it: written and indexed in one transaction."""
    id_ = facts.pop("id", None) or new_id()
    url = facts.pop("url", f"https://news.harbour.example/{id_}")
    moments = dict.fromkeys(("fetched_at", "created_at", "updated_at"), NOON)
    with database.transaction() as session:
        session.add(Article(id=id_, url=url, canonical_url=url, state="extracted", title=title, **moments, **facts))
        session.flush()
        session.add(StoredText(article_id=id_, text=text))
        session.flush()
        indexing.index(session, [indexing.fold(id_, title, text)])
    return id_


def source(database: Database, title: str, kind: str = "feed") -> str:
    """A source."""
    id_ = new_id()
    with database.transaction() as session:
        home = f"https://{id_}.example/"
        session.add(
            Source(id=id_, kind=kind, url=home, address=home, title=title, interval_seconds=60, created_at=NOON)
        )
    return id_


@pytest.fixture
def shelve(either_database: Database) -> Shelve:
    """Puts an article into the library."""

    def one(title: str, text: str = "", **facts: Any) -> str:
        return put(either_database, title, text, **facts)

    return one
