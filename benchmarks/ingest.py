"""ingest.ratio: articles a second through the whole system, against a bare loop of the same calls on the same cores.

The system polls a feed, fetches, extracts, finds duplicates, analyses, embeds and places, each step a durable job. The
bare loop only fetches, extracts and embeds, with the same functions in the same batches and as many processes.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from benchmarks import memory, pages
from benchmarks.newsrooms import COMMAND, data_dir, environment, wait_until
from stonehand import db, http_client
from stonehand.articles import extraction
from stonehand.articles.extraction import Hints
from stonehand.errors import StonehandError
from stonehand.nlp import embedding

PAGES = 300
PROCESSES = 2
BATCH = 16
WORDS = 200  # of an article that are embedded


def measure() -> Iterator[dict[str, Any]]:
    """Run both, one after the other, over the same pages."""
    found = pages.load(PAGES)
    with data_dir() as folder, pages.served(found) as address:
        urls = [f"{address}{path}" for path in found]
        bare = len(urls) / _bare(urls, folder)
        seconds, peaks = _system(address, folder, len(urls))
        system = len(urls) / seconds
    yield {
        "figure": "ingest.ratio",
        "value": round(system / bare, 3),
        "baseline": f"a bare loop of the same fetch, extract and embed calls in {PROCESSES} processes",
        "articles_per_second": round(system, 1),
        "baseline_articles_per_second": round(bare, 1),
        "pages": len(urls),
        "peak_mb": peaks,
    }


def _bare(urls: list[str], folder: Path) -> float:
    os.environ.update(environment(folder))
    batches = [urls[start : start + BATCH] for start in range(0, len(urls), BATCH)]
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        list(pool.map(_one_batch, batches[:PROCESSES]))  # models are loaded before the clock starts
        started = time.monotonic()
        list(pool.map(_one_batch, batches))
        return time.monotonic() - started


def _one_batch(urls: list[str]) -> int:
    replies = http_client.fetch_all([http_client.Request(url) for url in urls], 8)
    texts = []
    for reply in replies:
        try:
            if not isinstance(reply, StonehandError):
                article = extraction.extract(reply.body, reply.url, Hints(seen_at=db.utc_now(), charset=reply.charset))
                texts.append(f"{article.title}. {' '.join(article.text.split()[:WORDS])}")
        except StonehandError:
            continue
    return len(embedding.embed(texts))


def _system(address: str, folder: Path, expected: int) -> tuple[float, dict[str, int]]:
    worker = subprocess.Popen([*COMMAND, "worker", "-c", str(PROCESSES)], env=environment(folder))
    scheduler = subprocess.Popen([*COMMAND, "scheduler"], env=environment(folder))
    try:
        database = db.Database(f"sqlite:///{folder / 'stonehand.db'}")
        wait_until(lambda: _is_ready(database))
        subprocess.run([*COMMAND, "source", "add", f"{address}/feed.xml"], env=environment(folder), check=True)
        wait_until(lambda: _placed(database) >= expected)
        return _seconds(database), memory.peaks(worker.pid)
    finally:
        for process in (scheduler, worker):
            process.terminate()
            process.wait(60)


def _is_ready(database: db.Database) -> bool:
    with database.read() as session:
        return bool(session.execute(sa.text("SELECT count(*) FROM workers")).scalar())


def _placed(database: db.Database) -> int:
    """Articles that have come to their end: placed in a story, or found to have no text."""
    settled = "SELECT (SELECT count(*) FROM placements) + (SELECT count(*) FROM articles WHERE state = 'unreadable')"
    with database.read() as session:
        return int(session.execute(sa.text(settled)).scalar() or 0)


def _seconds(database: db.Database) -> float:
    span = "SELECT (julianday(max(finished_at)) - julianday(min(started_at))) * 86400 FROM jobs WHERE task IN "
    steps = "('sources.poll', 'articles.fetch', 'articles.extract', 'analysis.analyse', 'stories.place')"
    with database.read() as session:
        return float(session.execute(sa.text(span + steps)).scalar() or 0.0)
