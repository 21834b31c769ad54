"""fetch.ratio: pages a second by our real way of fetching, against a bare httpx2 loop with the same limits.

200 local hosts with ten pages each. Ours is what a job of `articles.fetch` does while it waits: leave by robots.txt,
turns, breakers, guarded connections, caps on every body, and packing for keeping; the loop only fetches, with the same
number at once, and the same caps. `through_jobs` adds claims, the rows of pages and articles, and what follows.
Each runs in a process of its own. `python -m benchmarks.fetching WHICH FOLDER PORT` is one of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import sqlalchemy as sa

from benchmarks import web_of_feeds
from benchmarks.newsrooms import data_dir, environment

HOSTS, PAGES = 200, 10
BATCH = 32
ATTEMPTS = 3
LARGEST = 5 * 1024 * 1024  # bytes


def measure() -> Iterator[dict[str, Any]]:
    """Each in turn, several times; the best of each counts."""
    rates: dict[str, list[float]] = {"bare": [], "ours": [], "jobs": []}
    with data_dir() as folder, web_of_feeds.served() as port:
        for attempt in range(ATTEMPTS):
            for which, found in rates.items():
                found.append(_run(which, folder, f"{which}-{attempt}", port))
    bare, ours, through = (max(found) for found in rates.values())
    yield {
        "figure": "fetch.ratio",
        "value": round(ours / bare, 3),
        "baseline": f"a bare httpx2 loop with the same limits over the same hosts, {BATCH} at once",
        "pages_per_second": round(ours, 1),
        "baseline_pages_per_second": round(bare, 1),
        "through_jobs_ratio": round(through / bare, 3),
        "hosts": HOSTS,
        "pages": HOSTS * PAGES,
    }


def _run(which: str, folder: Path, name: str, port: int) -> float:
    own = folder / name  # with a database in which nothing is yet
    own.mkdir()
    shutil.copy(folder / "stonehand.db", own)
    command = [sys.executable, "-m", "benchmarks.fetching", which, str(own), str(port)]
    done = subprocess.run(command, env=environment(own), check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.split()[-1])


def _urls(port: int) -> list[str]:
    return [f"{address}/page/{number}" for number in range(PAGES) for address in web_of_feeds.addresses(port, HOSTS)]


async def _bare(urls: Sequence[str]) -> float:
    limits = httpx2.Limits(max_connections=400, max_keepalive_connections=50, keepalive_expiry=4)
    options: dict[str, Any] = {"follow_redirects": True, "max_redirects": 5, "timeout": 30, "trust_env": False}
    async with httpx2.AsyncClient(limits=limits, **options) as client:
        await _many(client, urls[:BATCH])
        started = time.monotonic()
        for start in range(0, len(urls), BATCH):
            await _many(client, urls[start : start + BATCH])
        return time.monotonic() - started


async def _many(client: httpx2.AsyncClient, urls: Sequence[str]) -> list[bytes]:
    async def one(url: str) -> bytes:
        body = bytearray()
        async with client.stream("GET", url) as answer:
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > LARGEST:
                    break
        return bytes(body)

    return await asyncio.gather(*map(one, urls))


def _prepared(urls: Sequence[str]) -> list[str]:
    """Entries for all of them, in a database of their own; the sites' robots.txt is known already."""
    from stonehand import db, pipeline
    from stonehand.sources.models import Entry, Source
    from stonehand.sources.robots import keeping, rules
    from stonehand.sources.robots.answers import Answer
    from stonehand.sources.robots.models import Kind

    pipeline.install()
    source = {"id": "s", "kind": "feed", "url": "http://s.example/", "address": "s", "interval_seconds": 1800}
    plain = {"source_id": "s", "title": "", "summary": "", "seen_at": db.utc_now(), "state": "new"}
    rows = [plain | {"id": db.new_id(), "key": url, "url": url, "address": url} for url in urls]
    with db.database().transaction() as session:
        session.execute(sa.insert(Source), [source | {"created_at": db.utc_now()}])
        session.execute(sa.insert(Entry), rows)
        for place in sorted({rules.place_of(url) for url in urls}):
            keeping.keep(session, place, Answer(Kind.RULES, "User-agent: *\nDisallow: /private/\n"))
    return [str(row["id"]) for row in rows]


def _ours(urls: Sequence[str]) -> float:
    from stonehand import db
    from stonehand.articles import fetching, leave

    ids = _prepared(urls)
    started = time.monotonic()
    for start in range(0, len(ids), BATCH):
        with db.database().read() as session:
            wanted = fetching.wanted(session, ids[start : start + BATCH])
            fetching.shut(session, list(wanted.values()))
        batch: Any = _Unheld(db.database())
        allowed = leave.before(batch, wanted, True, True)
        came = fetching.fetch([wanted[key] for key in allowed.decisions], allowed.waits, True)
        leave.after(batch, wanted, allowed, came, True)
        assert len(came) == len(wanted)
    return time.monotonic() - started


class _Unheld:
    """What a batch lends its task, without a job behind it."""

    def __init__(self, database: Any) -> None:
        self.read, self.write = database.read, database.transaction


def _through_jobs(urls: Sequence[str]) -> float:
    from stonehand import db, jobs
    from stonehand.jobs.testing import run_all
    from stonehand.sources.events import EntryFound

    ids = _prepared(urls)
    with db.database().transaction() as session:
        jobs.announce_many(session, [EntryFound(entry_id) for entry_id in ids])
    started = time.monotonic()
    run_all(db.database(), queues=("fetch",))
    return time.monotonic() - started


if __name__ == "__main__":
    which, folder, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    os.environ.update(environment(folder))
    asked = _urls(port)
    seconds = asyncio.run(_bare(asked)) if which == "bare" else {"ours": _ours, "jobs": _through_jobs}[which](asked)
    print(len(asked) / seconds)
