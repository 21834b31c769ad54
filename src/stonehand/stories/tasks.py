"""The jobs that give articles their stories: one by one as they come, and in passes over what changed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

from stonehand import db, jobs
from stonehand.analysis.errors import AnalysisNotFound
from stonehand.jobs import Attempt, Batch, task
from stonehand.stories import keeping, queries, retelling, service
from stonehand.stories.events import StoryGrown
from stonehand.stories.passes import applying, looking, neighbourhoods, verdicts
from stonehand.stories.passes.looking import Look
from stonehand.stories.placement import WINDOW_DAYS, Reading
from stonehand.stories.window import Window

CHANGED = 200  # stories that a pass takes on together
READ = 60  # articles whose words are read in one transaction
HOUR = 3600


class _Memory:
    """This process's window, and who may use it."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.window = Window()


_memory = _Memory()


@task("stories.place", queue="stories", batch=64)
def place(batch: Batch) -> None:
    """Give up to 64 articles their stories, one batch after the other over all workers."""
    ids = [item.args["article_id"] for item in batch.items]
    with batch.read() as session:
        readings = retelling.read(session, ids)
    for item in batch.items:
        if item.args["article_id"] not in readings:
            item.fail(AnalysisNotFound(f"article {item.args['article_id']} has no text or no analysis"))
    with _memory.turn:
        window = _filled(batch)
        _memory.window = Window()  # comes back only after the commit
        with batch.finish() as session:
            kept = [readings[item.args["article_id"]] for item in batch.remaining]
            window, grown = service.place(session, window, kept)
            jobs.announce_many(session, [StoryGrown(story_id) for story_id in grown])
        _memory.window = window


def place_some(attempt: Attempt, ids: Sequence[str]) -> list[str]:
    """The same for a job that does more: places in a transaction on its way. Returns the stories that grew."""
    with attempt.read() as session:
        readings = retelling.read(session, ids)
    with _memory.turn:
        window = _filled(attempt)
        _memory.window = Window()
        with attempt.write() as session:
            window, grown = service.place(session, window, list(readings.values()))
            jobs.announce_many(session, [StoryGrown(story_id) for story_id in grown])
        _memory.window = window
    return grown


def _filled(batch: Batch) -> Window:
    """The window after catching up in short transactions, so that little is left to read under the lock."""
    window, complete = _memory.window, False
    while not complete:
        with batch.read() as session:
            since = db.now(session) - timedelta(days=WINDOW_DAYS)
            window, complete = keeping.catch_up(session, window, since)
    return window


@task("stories.regroup", queue="stories", role="editor", concurrency=1, hard_limit=HOUR, soft_limit=HOUR - 60)
def regroup(attempt: Attempt) -> None:
    """Look at the stories that changed since the last pass, each together with those near it, and put right what only
    shows when all of their articles are seen at once."""
    with attempt.read() as session:
        passed, until = queries.passed(session)
    looked = moved = 0
    while passed < until:
        attempt.check_cancelled()
        with attempt.read() as session:
            since = db.now(session) - timedelta(days=WINDOW_DAYS)
            changed, passed = queries.changed(session, passed, until, since, CHANGED)
        for part in _parts(attempt, changed):
            looked, moved = looked + len(part), moved + _look(attempt, part, set(changed))
        with attempt.write() as session:
            keeping.lock(session).passed = passed
    with attempt.finish() as session:
        attempt.note(session, {"stories": looked, "moved": moved})


def _parts(attempt: Batch, changed: Sequence[str]) -> list[list[str]]:
    with _memory.turn:
        _memory.window = _filled(attempt)
        return neighbourhoods.neighbourhoods(_memory.window, changed)


def _look(attempt: Attempt, part: Sequence[str], changed: set[str]) -> int:
    """Put one part right, in a transaction of its own. Returns how many articles moved."""
    with attempt.read() as session:
        before = applying.members(session, part)
        together, apart = verdicts.of(session, before)
    readings = _read(attempt, list(before))
    with _memory.turn:
        rarities = _memory.window.rarities(list(readings.values()))
    active = {article_id for article_id, story_id in before.items() if story_id in changed}
    plan = looking.plan(Look(readings, before, active, rarities, together, apart))
    if not plan.moves:
        return 0
    with attempt.write() as session:
        held = keeping.lock(session)
        if not applying.unchanged(session, before):  # something came meanwhile; the next pass sees all of it
            return 0
        grown = applying.apply(session, held, plan.moves, readings, plan.evidence)
        jobs.announce_many(session, [StoryGrown(story_id) for story_id in grown])
    return sum(len(move.article_ids) for move in plan.moves)


def _read(attempt: Attempt, ids: Sequence[str]) -> dict[str, Reading]:
    found: dict[str, Reading] = {}
    for start in range(0, len(ids), READ):
        with attempt.read() as session:
            found |= retelling.read(session, ids[start : start + READ])
    return found
