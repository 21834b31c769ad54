"""library.search_p95_ms on either database, and articles.growth: searches among many, and the cost of one more."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import sqlalchemy as sa
from tests.servers import Postgres

from benchmarks import shelves, workshop
from stonehand.articles import indexing, pages, service
from stonehand.articles.copies import Finding
from stonehand.articles.duplicates import fingerprint
from stonehand.articles.extraction import Extracted
from stonehand.articles.models import Article
from stonehand.articles.service import Arrival, PackedPage
from stonehand.db import Database, new_id, utc_now
from stonehand.library import queries, searching
from stonehand.sources.models import Entry
from stonehand.vectors import following
from stonehand.vectors import service as vectors

FEW, MANY = 1_000, 100_000
ROUNDS = 20  # searches of each kind
SHOWN = 20  # results of a page
BATCHES = 40  # of articles that are added
BATCH = 16  # as extraction writes them
FIGURES = ("library.search_p95_ms", "library.search_p95_ms_postgresql", "articles.growth")
Times = dict[str, list[float]]


def measure() -> Iterator[dict[str, Any]]:
    """Fill a library on each database; add to it while it is small and when it is large; search it."""
    postgres = Postgres()
    postgres.start()
    try:
        results = {"sqlite": _on(), "postgresql": _on(*map(postgres.make_database, ("library", "small")))}
    finally:
        postgres.remove()
    for (kind, (_, _, times)), figure in zip(results.items(), FIGURES[:2], strict=True):
        every = [each for some in times.values() for each in some]
        yield {
            "figure": figure,
            "value": round(float(np.percentile(every, 95)) * 1000, 1),
            "baseline": "150 ms",
            "articles": MANY,
            "database": kind,
            "median_ms": round(statistics.median(every) * 1000, 1),
            "slowest_ms": {name: round(max(some) * 1000, 1) for name, some in times.items()},
        }
    yield {
        "figure": FIGURES[2],
        "value": round(max(many / few for few, many, _ in results.values()), 2),
        "baseline": f"the same among {FEW:,} articles",
        "articles": MANY,
        **{f"{kind}_ms": [round(few * 1000, 2), round(many * 1000, 2)] for kind, (few, many, _) in results.items()},
    }


def _on(url: str = "", few_url: str = "") -> tuple[float, float, Times]:
    """Seconds to add an article among few and among many, and those of searches among many by their kind."""
    with workshop.opened(few_url) as small, workshop.opened(url) as database:
        shelves.fill(small, 0, FEW)
        shelves.fill(database, 0, MANY)
        for each in (small, database):
            with each.engine.begin() as connection:
                connection.exec_driver_sql("ANALYZE")
        few, many = _costs(small, database)
        with database.read() as session:
            index = vectors.local(session, "bench")
        following.rebuild(database.read, index, "bench")  # as the job does every five minutes
        return few, many, _searches(database)


def _costs(*databases: Database) -> list[float]:
    """Median seconds an article, of transactions that keep pages and write what was read from them.

    The databases take turns, so that what else the machine does falls on each alike.
    """
    rounds = [[_add(database) for database in databases] for _ in range(BATCHES)]
    return [statistics.median(each) / BATCH for each in zip(*rounds, strict=True)]


def _add(database: Database) -> float:
    texts = [shelves.text() for _ in range(BATCH)]
    packed = [
        PackedPage(pages.digest(each.encode()), pages.pack(each.encode()), len(each), "text/html", None)
        for each in texts
    ]
    prints = [fingerprint(each) for each in texts]
    entries = [
        Entry(id=new_id(), source_id="source1", key=new_id(), title="", summary="", seen_at=utc_now()) for _ in texts
    ]
    with database.transaction() as session:
        session.add_all(entries)
    began = time.perf_counter()
    with database.transaction() as session:
        arrivals = [_arrival(entry.id, page) for entry, page in zip(entries, packed, strict=True)]
        made = service.settle_arrivals(session, arrivals)
    read = [_extracted(text) for text in texts]
    words = [indexing.fold(key, each.title, each.text) for key, each in zip(made, read, strict=True)]
    with database.transaction() as session:
        found = [Finding(*each) for each in zip(made, read, prints, words, strict=True)]
        service.record_extractions(session, found)
    return time.perf_counter() - began


def _arrival(entry_id: str, page: PackedPage) -> Arrival:
    url = f"https://www.outlet1.example/{entry_id}"
    return Arrival(entry_id, "source1", url, url, page)


def _extracted(text: str) -> Extracted:
    unknown: dict[str, Any] = dict.fromkeys(
        ("author", "published_at", "published_precision", "language", "image", "site", "licence")
    )
    return Extracted(title=shelves.title(), text=text, canonical_url=None, excerpt=text[:200], origins={}, **unknown)


def _searches(database: Database) -> Times:
    with database.read() as session:
        some = list(session.scalars(sa.select(Article.id).order_by(Article.id).limit(ROUNDS)))
    return {
        name: [_timed(database, pattern.format(**_words(at, some[at]))) for at in range(ROUNDS)]
        for name, pattern in KINDS.items()
    }


KINDS = {
    "everything": "",
    "common": "{common}",
    "rare": "{rare}",
    "two common": "{common} {middle}",
    "common and rare": "{common} {rare}",
    "phrase": '"{common} {middle}"',
    "either": "{rare} OR {middle} OR {other}",
    "without": "{middle} -{common}",
    "only without": "-{common}",
    "beginning": "{beginning}*",
    "title": "title:{middle}",
    "source": "{middle} source:{source}",
    "only source": "source:{source}",
    "site": "{common} site:outlet{number}.example",
    "language": "{common} lang:fr",
    "old": "{common} before:120d",
    "tag": "{common} tag:tag{number}",
    "tag or word": "tag:tag{number} OR {rare}",
    "like": "like:{id}",
}


def _words(at: int, article_id: str) -> dict[str, Any]:
    return {
        "common": shelves.word(at),
        "middle": shelves.word(100 + 37 * at),
        "other": shelves.word(150 + 91 * at),
        "rare": shelves.word(20_000 + 997 * at),
        "beginning": shelves.word(200 + at)[:3],
        "source": f'"outlet {at}"',
        "number": at,
        "id": article_id,
    }


def _timed(database: Database, query: str) -> float:
    began = time.perf_counter()
    with database.read() as session:
        found = searching.search(session, query)
        queries.hits(session, found.ids[:SHOWN], found.node, "")
    return time.perf_counter() - began
