"""Poison of twenty kinds: each is dead after three crashes at most, with its reason, and all other jobs are done."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import config
from stonehand.jobs import declaration, endings, outbox
from stonehand.jobs.broker import doorbells
from stonehand.jobs.clock import sweeper
from stonehand.jobs.desk import strangers
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from tests.faults import tally, yard
from tests.faults.place import Yard
from tests.faults.poison import DEEDS
from tests.faults.stacks import Stack, on

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
WORKER = "kills its worker"
GOOD = 300 if tally.IS_LONG else 60


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("STONEHAND_UNKNOWN_TASK_SECONDS", "3")
    config.settings.cache_clear()
    monkeypatch.setattr(endings, "CRASH_PAUSE", endings.CRASH_PAUSE / 10)
    monkeypatch.setattr(doorbells, "UNANSWERED", doorbells.UNANSWERED / 5)
    monkeypatch.setattr(strangers, "_next", 0.0)
    yield
    strangers._next = 0.0


@on("postgresql-redis")
def test_each_poison_dies_with_its_reason_and_all_else_is_done(place: Yard, stack: Stack) -> None:
    began = time.monotonic()
    bad = {place.ask("poison.take", deed=deed): words for deed, (_, words) in DEEDS.items() if deed != WORKER}
    bad |= _bad_payloads(place)
    with place.database.transaction() as session:
        unknown = declaration.Task("poison.unknown", "default", body=print)
        bad |= dict.fromkeys(outbox.insert_all(session, [(unknown, {}, {})]), "no running worker knew the task")
    good = [f"{number:03}" for number in range(GOOD)]
    for mark in good:
        place.ask("faults.mark" if int(mark) % 3 else "faults.marks", mark=mark)
    place.keep_worker(2)
    place.wait_until_quiet(150)
    ends = {job_id: place.job(job_id) for job_id in bad}
    done = [mark for mark, _ in yard.effects(place.database)]
    alive = [job.args for job in ends.values() if job.state != State.DISCARDED]
    doubled = len(done) - len(set(done))
    tally.count(
        "poison", stack.name, len(bad), len(bad) + GOOD, GOOD - len(set(done)), doubled, 0, time.monotonic() - began
    )
    assert alive == [], place.log()[-3000:]
    assert done == good
    assert [job.args for job in ends.values() if job.crash_count > endings.CRASHES] == []
    for job_id, words in bad.items():
        assert words in (ends[job_id].error or ""), (ends[job_id].args, ends[job_id].error)
        assert len(ends[job_id].error or "") < 10_000


def _bad_payloads(place: Yard) -> dict[str, str]:
    words = "cannot take these arguments"
    found = {place.ask("faults.mark", unknown="x"): words, place.ask("faults.mark"): words}
    broken = place.ask("faults.link", mark="never")
    with place.database.transaction() as session:
        session.execute(sa.update(Job).where(Job.id == broken).values(args=["a", "list"]))
    return found | {broken: words}


@on("sqlite-filesystem")
def test_poison_among_others_in_a_hand_is_found_and_nobody_else_is_blamed(place: Yard, stack: Stack) -> None:
    marks = [f"{number:03}" for number in range(120)]
    ids = {}
    for mark in marks:
        deed = {"060": "segfault", "090": "kills itself"}.get(mark, "")
        ids[mark] = place.ask("poison.mixed", mark=mark, deed=deed)
    place.keep_worker(1)
    place.wait_until_quiet(120)
    bad = {mark: place.job(ids[mark]) for mark in ("060", "090")}
    assert {job.state for job in bad.values()} == {State.DISCARDED}
    assert [mark for mark, _ in yard.effects(place.database)] == [mark for mark in marks if mark not in bad]
    others = [place.job(ids[mark]) for mark in marks if mark not in bad]
    assert {job.crash_count for job in others} == {0}
    assert {job.state for job in others} == {State.COMPLETED}


@on("sqlite-filesystem")
def test_a_job_that_kills_its_whole_worker_is_found_at_last(place: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody blames a job for the end of its worker, which may have been a deploy; but not for ever."""
    monkeypatch.setattr(sweeper, "SUSPICION", 2)
    bad = place.ask("poison.take", deed=WORKER)
    good = [f"{number:02}" for number in range(20)]
    for mark in good:
        place.ask("faults.mark", mark=mark)
    place.keep_worker(1)
    job = place.wait_for(bad, State.DISCARDED, 120)
    place.wait_until_quiet()
    assert job.crash_count == endings.CRASHES
    assert [mark for mark, _ in yard.effects(place.database)] == good
