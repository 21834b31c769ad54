"""A state machine over claim, heartbeat, expiry and completion under a virtual clock.

Whatever the order: never two valid holders of one job, no write by a stale one, and no job out of reach.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from stonehand.db import Base, Database, new_id
from stonehand.jobs import claims, endings
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

LEASE = timedelta(seconds=30)
START = datetime(2026, 1, 1, tzinfo=UTC)
LONG = os.environ.get("STONEHAND_TEST_FAULTS") == "long"


class Claims(RuleBasedStateMachine):
    """Workers that claim, beat, die, come back as zombies, and finish."""

    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="stonehand-"))
        self.database = Database(f"sqlite:///{self.folder / 'machine.db'}")
        Base.metadata.create_all(self.database.engine, tables=_tables())
        self.moment = START
        self.valid: dict[str, Held] = {}  # the model: who may write each job
        self.until: dict[str, datetime] = {}
        self.fences: dict[str, int] = {}
        self.asked = 0
        self.completed: list[str] = []

    @rule(solo=st.booleans(), priority=st.integers(0, 10))
    def ask(self, solo: bool, priority: int) -> None:
        self.asked += 1
        with self.database.transaction() as session:
            session.add(
                Job(id=new_id(), task="t", queue="default", args={}, state=State.AVAILABLE, priority=priority,
                    run_at=self.moment, created_at=self.moment, solo=solo, attempts=0, max_retries=3, crash_count=0,
                    fence=0, claim_size=0)
            )  # fmt: skip

    @rule(target=held, size=st.integers(1, 4))
    def claim(self, size: int) -> list[Held]:
        with self.database.transaction() as session:
            batch = claims.claim(session, "default", "w:1:1", {"t": Portion(size)}, self.moment, LEASE)
        assert len(batch) <= size
        for job in batch:
            assert job.id not in self.valid, "claimed while somebody else validly held it"
            assert job.fence > self.fences.get(job.id, 0), "the fence must rise with every claim"
            self.fences[job.id] = job.fence
            self.valid[job.id], self.until[job.id] = job, self.moment + LEASE
        return batch

    @rule(seconds=st.integers(1, 40))
    def time_passes(self, seconds: int) -> None:
        self.moment += timedelta(seconds=seconds)

    @rule(batch=held)
    def beat(self, batch: list[Held]) -> None:
        if not batch:
            return
        with self.database.transaction() as session:
            kept = claims.heartbeat(session, batch, self.moment + LEASE)
        ours = [job for job in batch if self.valid.get(job.id) == job]
        assert kept == len(ours)
        self.until.update({job.id: self.moment + LEASE for job in ours})

    @rule()
    def sweep(self) -> None:
        with self.database.transaction() as session:
            late = sa.select(Job).where(Job.state == State.EXECUTING, Job.lease_until < self.moment)
            for job in list(session.scalars(late)):
                assert endings.expire(session, job.id, job.fence, self.moment, crashes=10_000)
                assert self.until[job.id] < self.moment, "taken from a worker whose lease was not over"
                del self.valid[job.id]

    @rule(batch=held)
    def complete(self, batch: list[Held]) -> None:
        with self.database.transaction() as session:
            written = endings.complete(session, batch, self.moment)
        assert written == {job.id for job in batch if self.valid.get(job.id) == job}
        self.completed += written
        for job_id in written:
            del self.valid[job_id]

    @rule(batch=held, delay=st.integers(0, 60))
    def fail(self, batch: list[Held], delay: int) -> None:
        for job in batch:
            with self.database.transaction() as session:
                wrote = endings.fail(session, job, "e", "E", self.moment, self.moment + timedelta(seconds=delay))
            assert wrote == (self.valid.get(job.id) == job)
            if wrote:
                del self.valid[job.id]

    @rule()
    def wake(self) -> None:
        due = (Job.state.in_([State.SCHEDULED, State.RETRYABLE]), Job.run_at <= self.moment)
        with self.database.transaction() as session:
            session.execute(sa.update(Job).where(*due).values(state=State.AVAILABLE))

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        with self.database.read() as session:
            states: dict[str, Any] = dict(session.execute(sa.select(Job.id, Job.state)).all())
        assert len(states) == self.asked
        assert len(self.completed) == len(set(self.completed))
        executing = {job_id for job_id, state in states.items() if state == State.EXECUTING}
        assert executing == set(self.valid), "every executing job has exactly one valid holder"

    def teardown(self) -> None:
        """No job is unreachable: from any state, sweeping, waking and completing ends them all."""
        self.moment += timedelta(days=1)
        self.sweep()
        self.moment += timedelta(minutes=1)
        self.wake()
        while batch := self.claim(size=4):
            self.complete(batch)
        assert len(self.completed) == self.asked
        self.database.close()


def _tables() -> list[Any]:
    return [Base.metadata.tables[name] for name in ("jobs", "pauses", "job_attempts", "task_limits")]


TestClaims = Claims.TestCase
TestClaims.settings = settings(
    max_examples=300 if LONG else 25,
    stateful_step_count=60 if LONG else 30,
    suppress_health_check=list(HealthCheck),
)
