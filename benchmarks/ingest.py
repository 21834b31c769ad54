"""ingest.ratio: articles a second through the whole system, against a bare loop of the same calls on the same cores.

`PAGES` articles (10,000 unless the environment says otherwise), made of real pages, in feeds of 200 at local hosts of
their own. Both fetch, extract and embed them by the same functions, in batches and in as many processes.

Counted for the loop: these three, and nothing else. Counted for the system: all that it does from the moment when the
feeds are added until the last article has come to its end, placed in a story, found to be a copy, or without a text:
polling, robots.txt, keeping the pages, duplicates, the index of words, language and phrases, stories, every step as a
durable job, and what the scheduler starts meanwhile, such as descriptions. Both are warm: each has read two
hundred other articles before its clock starts. Loading models is in neither.

The loop reads one half of the articles before the system and the other after it: machines that others share get slower
and faster by a tenth within minutes, and half an hour lies between the beginning and the end.

`cpu_ratio` is the same by seconds of computing of all processes (worker with its pool, scheduler), which other work on
the machine disturbs less. `growth` is what an article in the last tenth costs of them, against one of the first tenth.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from benchmarks import memory, pages, press, reading
from benchmarks.newsrooms import COMMAND, PATIENCE, data_dir, environment, wait_until
from stonehand import config, db

PAGES = int(os.environ.get("PAGES", "10000"))
WARM = 200  # articles that are read before
PROCESSES = 2
EVERY = 2.0  # seconds between two looks, which count and so cost as well
TOLD = 20.0  # seconds between two lines of progress


@dataclass(frozen=True)
class _Look:
    """How far the system has come, and what it has spent by then."""

    articles: int
    at: float
    cpu: float


def measure() -> Iterator[dict[str, Any]]:
    """Run both, one after the other, over the same articles."""
    with data_dir() as folder, press.served(pages.load(10_000)) as port:
        warm, feeds = press.feeds(port, 0, WARM), press.feeds(port, WARM, WARM + PAGES)
        half = len(feeds) // 2
        first = _loop(warm, feeds[:half], folder)
        system = _system(warm, feeds, folder)
        loop = first.plus(_loop(warm, feeds[half:], folder))
    cpu = system["looks"][-1].cpu - system["looks"][0].cpu
    yield {
        "figure": "ingest.ratio",
        "value": round(loop.seconds / system["seconds"], 3),
        "baseline": f"a bare loop of the same fetch, extract and embed calls in {PROCESSES} processes",
        "cpu_ratio": round(loop.cpu / cpu, 3),
        "articles_per_second": round(PAGES / system["seconds"], 1),
        "baseline_articles_per_second": round(PAGES / loop.seconds, 1),
        "cpu_ms_per_article": round(1000 * cpu / PAGES, 1),
        "baseline_cpu_ms_per_article": round(1000 * loop.cpu / PAGES, 1),
        "growth": _growth(system["looks"]),
        "pages": PAGES,
        "baseline_texts": loop.texts,
        **system["found"],
        "peak_mb": system["peaks"],
    }


def _loop(warm: Sequence[str], feeds: Sequence[str], folder: Path) -> reading.Spent:
    _tell(f"the loop reads what {len(feeds)} feeds name")
    spent = reading.loop(warm, feeds, folder, PROCESSES)
    _tell(f"the loop took {spent.seconds:.0f} s, {spent.cpu:.0f} s of computing")
    return spent


def _system(warm: Sequence[str], feeds: Sequence[str], folder: Path) -> dict[str, Any]:
    database = _joined(folder)
    with _processes(folder) as family:
        wait_until(lambda: _count(database, "SELECT count(*) FROM workers"))
        _add(database, warm)
        wait_until(lambda: _settled(database) >= WARM)
        began = _add(database, feeds)
        looks = list(_looks(database, family, WARM, WARM + PAGES))
        return {
            "looks": looks,
            "seconds": _seconds(database, began),
            "found": _found(database),
            "peaks": {name: size for each in family for name, size in memory.peaks(each.pid).items()},
        }


def _joined(folder: Path) -> db.Database:
    """The system's database, for this process to add sources to."""
    os.environ.update(environment(folder))
    for cached in (config.settings, db.database):
        cached.cache_clear()
    from stonehand import pipeline
    from stonehand.jobs.broker import engine

    pipeline.install()
    engine.connect()
    return db.database()


@contextmanager
def _processes(folder: Path) -> Iterator[list[psutil.Process]]:
    parts = [["worker", "-c", str(PROCESSES)], ["scheduler"]]
    started = [subprocess.Popen([*COMMAND, *part], env=environment(folder)) for part in parts]
    try:
        yield [psutil.Process(each.pid) for each in started]
    finally:
        for each in reversed(started):
            each.terminate()
            each.wait(60)


def _add(database: db.Database, feeds: Sequence[str]) -> datetime:
    """Add the feeds, and begin to look at them. Returns when."""
    from stonehand.sources import service
    from stonehand.sources.recognition import Found

    with database.transaction() as session:
        for feed in feeds:
            service.add(session, Found("feed", feed, "a feed", kind="feed"))
        return db.now(session)


def _looks(database: db.Database, family: Sequence[psutil.Process], before: int, end: int) -> Iterator[_Look]:
    """One a second until all articles have come to their end."""
    settled, moved, told = before, time.monotonic(), None
    while True:
        look = _Look(settled - before, time.monotonic(), sum(map(_cpu, family)))
        yield look
        if settled >= end:
            return
        if look.at - moved > PATIENCE:
            raise TimeoutError(f"only {look.articles:,} of {end - before:,} articles have come to their end")
        if told is None or look.at - told.at > TOLD:
            cost = 1000 * _cost(told or look, look)
            _tell(
                f"the system has read {look.articles:,} of {end - before:,} articles, {cost:.0f} ms of computing each"
            )
            told = look
        time.sleep(EVERY)
        now = _settled(database)
        moved = time.monotonic() if now > settled else moved
        settled = now


def _cpu(process: psutil.Process) -> float:
    """Seconds of computing of a process and all that it has started."""
    times = process.cpu_times()
    spent = times.user + times.system + times.children_user + times.children_system
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            spent += _cpu(child)
    return float(spent)


def _growth(looks: Sequence[_Look]) -> float:
    """Computing for an article of the last tenth, against one of the first."""
    tenth = PAGES / 10
    first = [look for look in looks if look.articles <= tenth] or looks[:1]
    last = [look for look in looks if look.articles >= PAGES - tenth]
    early = _cost(first[0], next(look for look in looks if look.articles >= tenth))
    return round(_cost(last[0], last[-1]) / early, 2) if early and len(last) > 1 else 1.0


def _cost(one: _Look, other: _Look) -> float:
    return (other.cpu - one.cpu) / max(other.articles - one.articles, 1)


def _count(database: db.Database, question: str) -> int:
    with database.read() as session:
        return int(session.execute(sa.text(question)).scalar() or 0)


def _settled(database: db.Database) -> int:
    """Articles that have come to their end: placed in a story, or found to have no text."""
    unreadable = "SELECT count(*) FROM articles WHERE state = 'unreadable'"
    return _count(database, "SELECT count(*) FROM placements") + _count(database, unreadable)


def _found(database: db.Database) -> dict[str, int]:
    questions = {
        "articles": "SELECT count(*) FROM articles",
        "copies": "SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL",
        "unreadable": "SELECT count(*) FROM articles WHERE state = 'unreadable'",
        "stories": "SELECT count(*) FROM stories",
        "described": "SELECT count(*) FROM analyses WHERE described > 0",
    }
    return {name: _count(database, question) for name, question in questions.items()}


def _seconds(database: db.Database, began: datetime) -> float:
    """From then to the end of the last step of the trip."""
    steps = "('sources.poll', 'articles.fetch', 'articles.extract', 'analysis.analyse', 'stories.place')"
    with database.read() as session:
        last = f"SELECT max(finished_at) AS ended FROM jobs WHERE task IN {steps}"
        ended = session.scalar(sa.text(last).columns(ended=db.UtcDateTime()))
    assert ended
    return float((ended - began).total_seconds())


def _tell(sentence: str) -> None:
    sys.stderr.write(f"{time.strftime('%X')} {sentence}\n")
