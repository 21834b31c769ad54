"""What the engine promises beside "once": chains in order, limits, hands, deploys, versions, full disks, clocks."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from stonehand.db import now
from stonehand.jobs import declaration, dependencies
from stonehand.jobs.dependencies import Step
from stonehand.jobs.limits import limiting
from stonehand.jobs.models import Job, Schedule
from stonehand.jobs.states import State
from tests.faults import tally, yard
from tests.faults.place import Yard
from tests.faults.stacks import Stack, on
from tests.faults.tally import IS_LONG, SLACK
from tests.servers import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800 if IS_LONG else 300)]
SQLITE_ONLY = pytest.mark.parametrize("stack", ["sqlite-filesystem"], indirect=True)
REDIS_ONLY = pytest.mark.parametrize("stack", ["postgresql-redis"], indirect=True)
TIMES = 20 if IS_LONG else 2


def marks(place: Yard) -> list[str]:
    return [mark for mark, _ in yard.effects(place.database)]


def killed_now_and_then(place: Yard, times: int, seed: int) -> None:
    """Kill what runs, worker or process of its pool, whenever it has got on."""
    draw = random.Random(seed)
    for number in range(times):
        before = len(marks(place))

        def moved(before: int = before) -> bool:
            place.tend()
            return len(marks(place)) > before

        wait_until(moved, "the worker gets on", 60)
        time.sleep(draw.uniform(0, 0.2))
        (worker,) = place.workers
        children = place.children(worker)
        if number % 2 and children:
            draw.choice(children).kill()
        else:
            place.kill(worker)


@on("postgresql-redis")
def test_chains_and_groups_keep_their_order_under_kills(place: Yard, stack: Stack) -> None:
    before = ["c000", *(f"c{number:03}" for number in range(1, 12))]
    chain = [Step("faults.link", {"mark": mark, "after": ",".join(before[:at])}) for at, mark in enumerate(before)]
    members = [f"g{number:03}" for number in range(30)]
    group = [Step("faults.link", {"mark": mark}) for mark in members]
    with place.database.transaction() as session:
        ids = dependencies.chain(session, chain)
        ids += dependencies.group(session, group, Step("faults.link", {"mark": "last", "after": ",".join(members)}))
    place.keep_worker(2)
    killed_now_and_then(place, TIMES, 7)
    place.wait_until_quiet(120)
    assert marks(place) == sorted([*before, *members, "last"])
    assert {place.job(job_id).state for job_id in ids} == {State.COMPLETED}
    tally.count("chains and groups, kill -9", stack.name, TIMES, len(ids), 0, 0)


@on("sqlite-filesystem")
def test_limits_hold_and_let_go_under_kills(place: Yard, stack: Stack, tmp_path: Path) -> None:
    with place.database.transaction() as session:
        limiting.declare(session, [declaration.find(name) for name in ("faults.alone", "faults.paced")])
    alone = [f"a{number:03}" for number in range(20 if IS_LONG else 12)]
    paced = [f"p{number:03}" for number in range(15 if IS_LONG else 10)]
    for mark in alone:
        place.ask("faults.alone", mark=mark, folder=str(tmp_path))
    ids = [place.ask("faults.paced", mark=mark) for mark in paced]
    place.keep_worker(2)
    killed_now_and_then(place, TIMES, 11)
    place.wait_until_quiet(120)
    assert marks(place) == [*alone, *paced]
    assert list(tmp_path.glob("*.crowded")) == [], "never two at once"
    begun = sorted(job.started_at for job in map(place.job, ids) if job.started_at)
    gaps = [(after - before).total_seconds() for before, after in pairwise(begun)]
    assert min(gaps) > 0.15, "never more than five a second"
    tally.count("limits, kill -9", stack.name, TIMES, len(alone) + len(paced), 0, 0)


@on("postgresql-redis")
def test_a_frozen_hand_writes_nothing_late(place: Yard, stack: Stack) -> None:
    """A process that holds many short jobs stands still past their lease; others do them, each once."""
    asked = [f"{number:04}" for number in range(300)]
    for mark in asked:
        place.ask("faults.mark", mark=mark, seconds="0.002")
    frozen = place.start_worker(1, pulse=2.0)
    for _ in range(TIMES):
        before = len(marks(place))
        if before + 100 > len(asked):
            more = [f"{number:04}" for number in range(len(asked), len(asked) + 200)]
            for mark in more:
                place.ask("faults.mark", mark=mark, seconds="0.002")
            asked += more
        wait_until(lambda before=before: len(marks(place)) > before + 30, "it works", 60)  # type: ignore[misc]
        place.kill(frozen, signal.SIGSTOP)
        other = place.start_worker(1, pulse=2.0)
        wait_until(lambda: not _held_by_the_dead(place), "its lease is over", 60)
        place.kill(frozen, signal.SIGCONT)
        time.sleep(0.5)
        place.kill(other)
    place.wait_until_quiet(120)
    assert marks(place) == asked
    with place.database.read() as session:
        late = session.execute(
            sa.select(Job.id).join(yard.EFFECTS, yard.EFFECTS.c.mark == Job.args["mark"].as_string())
            .where(yard.EFFECTS.c.fence != Job.fence)
        ).all()  # fmt: skip
    assert late == [], "every effect was written under the last fence of its job"
    tally.count("SIGSTOP past the lease, hands", stack.name, TIMES, len(asked), 0, 0)


def _held_by_the_dead(place: Yard) -> bool:
    with place.database.read() as session:
        over = sa.exists().where(Job.state == State.EXECUTING, Job.lease_until < now(session))
        return bool(session.scalar(sa.select(over)))


@SQLITE_ONLY
def test_a_full_disk_stops_work_and_an_empty_one_lets_it_go_on(place: Yard, data_dir: Path) -> None:
    asked = [f"{number:03}" for number in range(60)]
    ids = [place.ask("faults.mark", mark=mark) for mark in asked]
    worker = place.start_worker(1)
    wait_until(lambda: len(marks(place)) > 3, "it works", 60)
    processes = [psutil.Process(worker.pid), *place.children(worker)]
    for process in processes:
        process.rlimit(psutil.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    time.sleep(0.3)
    stuck = len(marks(place))
    time.sleep(2.5)
    assert len(marks(place)) <= stuck + 1
    for process in processes:
        if process.is_running():
            process.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    place.wait_until_quiet(90)
    assert marks(place) == asked
    assert {place.job(job_id).state for job_id in ids} == {State.COMPLETED}
    assert "disk" in place.log()
    with place.database.read() as session:
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    tally.count("full disk", "sqlite-filesystem", 1, len(asked), 0, 0)


def _clocked(place: Yard, what: str, offset: Path) -> subprocess.Popen[bytes]:
    """A worker or scheduler by a wrong clock, which can be set while it runs."""
    return place.start_module("tests.faults.clock", what, str(offset))


@REDIS_ONLY
def test_wrong_clocks_fire_each_due_time_once_and_in_time(place: Yard, tmp_path: Path) -> None:
    """Workers and schedulers an hour fast and slow, beside eight more schedulers: the database's clock counts."""
    fast, slow = tmp_path / "fast", tmp_path / "slow"
    fast.write_text("3600")
    slow.write_text("-3600")
    with place.database.transaction() as session:
        begin = now(session)
        row = {"name": "faults.tick", "task": "faults.tick", "queue": "default", "args": {}, "every_seconds": 5}
        session.add(Schedule(**row, next_at=begin, is_enabled=True, missed="all"))
    for offset in (fast, slow):
        _clocked(place, "worker", offset)
        _clocked(place, "scheduler", offset)
    for _ in range(8):
        place.start_module("tests.faults.clock", "scheduler", str(tmp_path / "right"))
    mark = place.ask("faults.mark", mark="x")
    place.wait_for(mark, State.COMPLETED)
    wait_until(lambda: len(marks(place)) >= 4, "it has fired several times", 90)
    with place.database.read() as session:
        rows = session.execute(sa.text("SELECT due_at, fired_at FROM schedule_runs ORDER BY due_at")).all()
    late = [(fired - due).total_seconds() for due, fired in rows]
    assert len({due for due, _ in rows}) == len(rows)
    assert min(late) >= 0
    assert max(late) < 5 * SLACK
    tally.count("clocks an hour off, 10 schedulers", "postgresql-redis", 1, len(rows), 0, 0)


@SQLITE_ONLY
def test_a_clock_that_is_stepped_loses_and_doubles_nothing(place: Yard, tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("0")
    asked = [f"{number:03}" for number in range(80)]
    ids = [place.ask("faults.mark", mark=mark) for mark in asked]
    _clocked(place, "worker", offset)
    _clocked(place, "scheduler", offset)
    for step in ("3600", "-3600", "0"):
        before = len(marks(place))
        wait_until(lambda before=before: len(marks(place)) > min(before + 5, 75), "it gets on", 90)  # type: ignore[misc]
        offset.write_text(step)
    place.wait_until_quiet(90)
    assert marks(place) == asked
    assert {place.job(job_id).state for job_id in ids} == {State.COMPLETED}
    tally.count("the host's clock is stepped", "sqlite-filesystem", 3, len(asked), 0, 0)
