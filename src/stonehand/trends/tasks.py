"""Jobs of trends: judging stories, processing what waits, and the whole chain from sources to trends."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from stonehand import db, jobs
from stonehand.ids import first_id
from stonehand.jobs import Attempt, task
from stonehand.jobs import queries as jobs_queries
from stonehand.jobs.states import State
from stonehand.nlp import embedding
from stonehand.stories import queries as stories
from stonehand.stories import tasks as placing
from stonehand.stories.placement import WINDOW_DAYS
from stonehand.trends import gathering, samples, service
from stonehand.trends.errors import CollectionFailed, NumberUnfit
from stonehand.trends.events import TrendTurned
from stonehand.vectors import reading
from stonehand.vectors import tasks as embedding_tasks

HOUR = 3600
STORIES = 200  # that are judged in one transaction
MOST_STORIES = 5000  # of one job
MOST_ITEMS = 10_000
WEEK = 7 * 24
BATCH = 32
LONG = {"hard_limit": HOUR, "soft_limit": HOUR - 60}
SOON = 1.0  # seconds after which a chain looks again


@task("trends.update", queue="stories", role="editor", concurrency=1, hard_limit=HOUR, soft_limit=HOUR - 60)
def update(attempt: Attempt, hours: str = str(WEEK)) -> None:
    """Judge the stories of the last hours, and every trend that is not dead: score, velocity, state, why."""
    found = _update(attempt, _number("hours", hours, 24 * 365))
    with attempt.finish() as session:
        attempt.note(session, found)


def _update(attempt: Attempt, hours: int) -> dict[str, Any]:
    with attempt.read() as session:
        seen = service.world(session)
    since, after = seen.moment - timedelta(hours=hours), ""
    total, created, turned = 0, 0, 0
    while total < MOST_STORIES:
        attempt.check_cancelled()
        with attempt.read() as session:
            ids = gathering.due(session, since, after, STORIES)
            reports, known = gathering.reports(session, ids), service.trends_of(session, ids)
        judged = service.judge_all(reports, known, seen)
        with attempt.write() as session:
            new, changed = service.record(session, judged, seen.moment)
            jobs.announce_many(session, [TrendTurned(story_id) for story_id in (*new, *changed)])
        total, created, turned = total + len(ids), created + len(new), turned + len(changed)
        if len(ids) < STORIES:
            break
        after = ids[-1]
    return {"stories": total, "trends_created": created, "trends_turned": turned}


@task("trends.process_pending", queue="stories", role="editor", retries=2, concurrency=1, **LONG)
def process_pending(attempt: Attempt, limit: str = "1000") -> None:
    """Take what was read but waits for its analysis or its story, up to a limit, to its end: vectors, stories, trends.

    Usually there is little to do, since every article goes this way by itself as soon as it is read. What was done
    before a limit struck stays done.
    """
    found = _process(attempt, _number("limit", limit, MOST_ITEMS))
    with attempt.finish() as session:
        attempt.note(session, found)


def _process(attempt: Attempt, limit: int) -> dict[str, Any]:
    with attempt.read() as session:
        edge = first_id(db.now(session) - timedelta(days=WINDOW_DAYS))
        unread = reading.without(session, embedding.name(), (), limit, edge)
        unplaced = stories.unplaced(session, edge, limit)
    for start in range(0, len(unread), BATCH):
        attempt.check_cancelled()
        embedding_tasks.embed_some(attempt, unread[start : start + BATCH])
    waiting = list(dict.fromkeys([*unplaced, *unread]))[:limit]
    for start in range(0, len(waiting), BATCH):
        attempt.check_cancelled()
        placing.place_some(attempt, waiting[start : start + BATCH])
    return {"processed": len(waiting), "analysed": len(unread)} | _update(attempt, WEEK)


@task("trends.collect_and_process", queue="stories", role="editor", hard_limit=HOUR, soft_limit=HOUR - 60)
def collect_and_process(attempt: Attempt, kind: str = "") -> None:
    """Look at every source, perhaps those of one kind, wait until what they named is read, process it, and say what
    came of all."""
    with attempt.read() as session:
        noted = jobs_queries.job(session, attempt.job.id).result or {}
    if "collection" not in noted:
        with attempt.write() as session:
            asked = jobs.enqueue(session, "sources.collect_and_process", {"kind": kind})
            attempt.note(session, {"collection": asked})
        raise jobs.Snooze(SOON, "waits for the sources")
    with attempt.read() as session:
        collection = jobs_queries.job(session, noted["collection"])
    if collection.state in (State.DISCARDED, State.CANCELLED):
        raise CollectionFailed(f"looking at the sources ended as {collection.state}: {collection.error or 'no reason'}")
    if collection.state != State.COMPLETED:
        raise jobs.Snooze(SOON, "waits until what was found is read")
    found = _process(attempt, MOST_ITEMS // 10)
    with attempt.finish() as session:
        attempt.note(session, {"collection": noted["collection"]} | dict(collection.result or {}) | found)


@task("trends.try_out", queue="stories", role="editor", retries=0)
def try_out(attempt: Attempt, sample_size: str = "10") -> None:
    """Take invented reports through the whole way, without the database: analysis, stories, trends."""
    size, began = _number("sample_size", sample_size, 200), time.monotonic()
    told = samples.run(size)
    with attempt.finish() as session:
        attempt.note(session, told | {"success": True, "seconds": round(time.monotonic() - began, 3)})


def _number(name: str, text: str, most: int) -> int:
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise NumberUnfit(f"{name} must be a whole number from 1 to {most}, not {text[:20]!r}")
    return int(text)
