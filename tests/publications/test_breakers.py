"""A channel that takes nothing: its deliveries wait, none is said to have failed for it, and all arrive later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand.channels import pausing
from stonehand.channels.interfaces import ArrivalUnknown
from stonehand.channels.models import Channel
from stonehand.db import Database, now
from stonehand.errors import Unavailable
from stonehand.jobs import retries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.desk import explanation
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.limits import breakers
from stonehand.limits.breakers import Pass
from stonehand.limits.errors import BreakerOpen
from stonehand.limits.models import Breaker
from stonehand.plugins.folder import Folder
from stonehand.publications import queries, service
from stonehand.publications.approvals import Approved

from .conftest import ADMIN


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "backoff", lambda _failures, _draw: 60.0)


def publish(database: Database, approved: Approved) -> None:
    with database.transaction() as session:
        service.prepare(session, approved)
    run_all(database)


def settle(database: Database) -> None:
    for _ in range(4):
        sweeper.sweep(database)
        run_all(database)


def job(database: Database) -> Job:
    with database.read() as session:
        return session.scalars(sa.select(Job).where(Job.task == "publications.publish")).one()


def state(database: Database) -> tuple[str, int]:
    with database.read() as session:
        (only,) = queries.newest(session)
        return only.state, only.attempts


def test_a_channel_that_is_down_keeps_its_deliveries_waiting(
    database: Database, channel: Channel, approved: Approved, data_dir: Path
) -> None:
    name = f"channel:{channel.id}"
    with database.transaction() as session:
        for _ in range(5):
            breakers.failed(session, Pass(name), "no answer")
    publish(database, approved)
    waiting = job(database)
    assert (waiting.state, waiting.attempts, waiting.gate) == ("scheduled", 0, name)
    with database.read() as session:
        why = explanation.why_not_running(session, waiting)
    assert "the channel Folder does not answer (5 failures in a row, last: no answer)" in why
    assert state(database) == ("scheduled", 0)
    with database.transaction() as session:
        pausing.reset(session, ADMIN, "channel:Folder")
    settle(database)
    assert state(database) == ("published", 1)


def test_deliveries_that_fail_open_the_channels_breaker(
    database: Database, channel: Channel, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> Any:
        raise Unavailable("the disk of the folder is gone")

    with monkeypatch.context() as broken:
        broken.setattr(Folder, "deliver", away)
        publish(database, approved)
        for _ in range(4):
            with database.transaction() as session:
                session.execute(sa.update(Job).values(run_at=now(session)))
            settle(database)
    with database.read() as session:
        row = breakers.get(session, f"channel:{channel.id}")
        assert (row.state, row.failures, row.last_error) == ("OPEN", 5, "the disk of the folder is gone")
    with database.transaction() as session:
        session.execute(sa.update(Breaker).values(probe_at=0.0))
        session.execute(sa.update(Job).values(run_at=now(session)))
    settle(database)
    assert state(database)[0] == "published"
    with database.read() as session:
        assert breakers.get(session, f"channel:{channel.id}").state == "CLOSED"


def test_a_host_that_was_not_asked_leaves_no_doubt(
    database: Database, channel: Channel, approved: Approved, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that cannot know why it got no answer says that it does not know whether the piece arrived."""

    def unsure(*_: Any) -> Any:
        try:
            raise BreakerOpen("host:blog.example.org:443", "blog.example.org", "does not answer", 60.0)
        except Unavailable as error:
            raise ArrivalUnknown(f"it may be public, but {error}", error.retry_after) from error

    monkeypatch.setattr(Folder, "deliver", unsure)
    publish(database, approved)
    waiting = job(database)
    assert (waiting.state, waiting.attempts, waiting.gate) == ("scheduled", 0, "host:blog.example.org:443")
    with database.read() as session:
        (only,) = queries.newest(session)
    assert (only.state, only.doubt_since) == ("publishing", None)


def test_a_person_pauses_a_channel_by_its_name(database: Database, channel: Channel, approved: Approved) -> None:
    with database.transaction() as session:
        assert pausing.pause(session, ADMIN, "channel:Folder") == f"channel:{channel.id}"
    publish(database, approved)
    assert (job(database).state, job(database).attempts) == ("scheduled", 0)
    with database.transaction() as session:
        pausing.resume(session, ADMIN, "channel:Folder")
    settle(database)
    assert state(database) == ("published", 1)
