"""A library of very many invented articles to measure with. Words are as common as in a language (Zipf)."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa

from stonehand import db
from stonehand.analysis.models import Analysis
from stonehand.articles import indexing
from stonehand.articles.duplicates import BANDS
from stonehand.articles.indexing import Folded
from stonehand.articles.models import Article, StoredText
from stonehand.db import Database
from stonehand.library.models import Tag
from stonehand.nlp import vectors
from stonehand.sources.models import Source

WORDS = 300  # of an article
VOCABULARY = 60_000
SOURCES = 50
TOPICS = 400
TOGETHER = 2000  # articles in a transaction
LANGUAGES = ("en", "en", "en", "de", "fr")
_drawn = np.random.default_rng(4)
_LETTERS = ["".join(each) for each in itertools.product("bdfgklmnprstvz", "aeiou")]
_PLACES = np.arange(1, VOCABULARY + 1)
_ODDS = 1 / (_PLACES + 2.7)
_ODDS /= _ODDS.sum()


def word(place: int) -> str:
    """The word that is so many words away from the commonest one."""
    found = _LETTERS[place % 70]
    while place := place // 70:
        found += _LETTERS[place % 70]
    return found


_KNOWN = np.array([word(place) for place in range(VOCABULARY)])
_DIRECTIONS = _drawn.normal(size=(TOPICS, 384))


_STREAM = _KNOWN[_drawn.choice(VOCABULARY, 2_000_000, p=_ODDS)]


def _some(count: int) -> Any:
    """So many words, from anywhere in a long stream of them."""
    at = _drawn.integers(len(_STREAM) - count)
    return _STREAM[at : at + count]


def text(count: int = WORDS) -> str:
    """Words in sentences."""
    drawn = _drawn.permutation(_some(count))
    return ". ".join(" ".join(drawn[at : at + 15]).capitalize() for at in range(0, count, 15)) + "."


def title() -> str:
    """A title of eight words."""
    return " ".join(_some(8)).capitalize()


def fill(database: Database, first: int, last: int) -> None:
    """Add articles with everything that the library keeps of them, from the `first` to before the `last`."""
    if not first:
        _add_sources(database)
    ids: list[str] = []
    for start in range(first, last, TOGETHER):
        rows = [_article(number) for number in range(start, min(start + TOGETHER, last))]
        folded = [_folded(row["id"], row["title"]) for row in rows]
        ids += [row["id"] for row in rows]
        with database.engine.begin() as connection:
            connection.execute(sa.insert(Article), rows)
            texts = [{"article_id": each.article_id, "text": ". ".join(each.text)} for each in folded]
            connection.execute(sa.insert(StoredText), texts)
            connection.execute(sa.insert(Analysis), [analysis(row) for row in rows])
            connection.execute(
                sa.insert(Tag), [_tag(row["id"], row["created_at"]) for row in rows[:: max(1, len(rows) // 25)]]
            )
            with db.Session(connection) as session:
                indexing.index(session, folded)
    _add_bands(database, ids)


def _folded(article_id: str, title: str) -> Folded:
    """As `indexing.fold` would: the words are made of plain letters, and none looks like a plural."""
    return Folded(article_id, title.lower().split(), _some(WORDS).tolist())


def _add_bands(database: Database, ids: list[str]) -> None:
    """In the order of their numbers: put in one by one they would be most of the time that filling takes."""
    values = _drawn.integers(-(2**63), 2**63 - 1, size=len(ids) * BANDS)
    numbers = _numbers(database, ids)
    rows = ((int(values[at]), numbers[ids[at // BANDS]]) for at in np.argsort(values))
    raw = database.engine.raw_connection()
    cursor: Any = raw.cursor()
    if database.engine.dialect.name == "postgresql":
        with cursor.copy("COPY article_bands (value, number) FROM STDIN") as copying:
            for row in rows:
                copying.write_row(row)
    else:
        for pragma in ("cache_size=-200000", "foreign_keys=OFF"):  # the articles are there
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("BEGIN")
        cursor.executemany("INSERT INTO article_bands (value, number) VALUES (?, ?)", rows)
    raw.commit()
    raw.invalidate()  # nobody else shall have it as it is now


def _numbers(database: Database, ids: list[str]) -> dict[str, int]:
    with database.transaction() as session:
        return indexing.numbers(session, ids)


def _add_sources(database: Database) -> None:
    facts = {"kind": "feed", "interval_seconds": 600, "created_at": db.utc_now()}
    with database.engine.begin() as connection:
        for number in range(SOURCES):
            home = f"https://outlet{number}.example/"
            row = {
                "id": f"source{number}",
                "url": home,
                "address": home,
                "title": f"Outlet {number}",
                "state": "active",
            }
            connection.execute(sa.insert(Source), row | facts)


def _article(number: int) -> dict[str, Any]:
    moment = db.utc_now() - timedelta(minutes=200_000 - number)
    url = f"https://www.outlet{number % SOURCES}.example/{number}"
    return {
        "id": db.new_id(),
        "source_id": f"source{number % SOURCES}",
        "url": url,
        "canonical_url": url,
        "state": "extracted",
        "title": title(),
        "published_at": moment,
        "language_hint": LANGUAGES[number % len(LANGUAGES)],
        "excerpt": "",
        "text_hash": f"{number:064x}",
        "word_count": WORDS,
        **dict.fromkeys(("fetched_at", "created_at", "updated_at"), moment),
    }


def analysis(row: dict[str, Any]) -> dict[str, Any]:
    direction = _DIRECTIONS[_drawn.integers(TOPICS)] + 0.7 * _DIRECTIONS[_drawn.integers(TOPICS)]
    return {
        "article_id": row["id"],
        "language": row["language_hint"],
        "language_confidence": 1.0,
        "key_phrases": [],
        "vector": vectors.pack(vectors.unit(direction)),
        "vector_model": "bench",
        "word_count": WORDS,
        "reading_minutes": 2,
        **dict.fromkeys(("created_at", "updated_at"), row["created_at"]),
    }


def _tag(article_id: str, moment: Any) -> dict[str, Any]:
    return {"article_id": article_id, "name": f"tag{_drawn.integers(40)}", "created_at": moment}
