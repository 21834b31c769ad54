"""Every kind of channel through the jobs that publish and take back, each with an answer lost on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.channels import service as channels
from stonehand.channels.interfaces import CanRetract
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.jobs import retries
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.publications import changes, queries, service
from stonehand.publications.approvals import Approved
from stonehand.publications.events import ChangeDue, PieceChanged, PiecePublished, PublicationDue
from stonehand.publications.models import Publication
from tests.channels.contract.bench import MOST_TRIES, Bench
from tests.channels.contract.benches import BENCHES

from .conftest import ADMIN

READS = ("GET", "ls-remote")


@pytest.fixture(autouse=True)
def changing(pipeline: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "backoff", lambda _failures, _draw: 60.0)
    jobs.follow(
        [
            (PublicationDue, "publications.publish"),
            (ChangeDue, "publications.change"),
            (PiecePublished, ""),
            (PieceChanged, ""),
        ]
    )


@pytest.fixture(params=list(BENCHES))
def bench(
    request: pytest.FixtureRequest, near: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    folder = tmp_path / "bench"
    folder.mkdir()
    with BENCHES[request.param].opened(folder, monkeypatch) as made:
        yield made


@pytest.fixture
def there(database: Database, bench: Bench) -> Channel:
    """A channel to the target of the bench, checked and sealed as one that people add."""
    checked = channels.check(bench.kind.kind, "There", {**bench.target.config, **bench.target.secrets})
    with database.transaction() as session:
        made = channels.add(session, ADMIN, checked)
    bench.target = channels.target(made)
    return made


def look(database: Database) -> Publication:
    with database.read() as session:
        (only,) = queries.newest(session)
        return only


def run_until(database: Database, bench: Bench, state: str) -> Publication:
    """Run what waits, again and again, as if the time until its next try had passed."""
    for _ in range(MOST_TRIES):
        run_all(database)
        if look(database).state == state:
            return look(database)
        bench.catch_up()
        bench.pass_time()
        with database.transaction() as session:
            session.execute(sa.update(Job).values(run_at=db.now(session)))
        sweeper.sweep(database)
    raise AssertionError(f"not {state}, but {look(database).state}: {look(database).error}")


def lose_the_answer(bench: Bench, steps: tuple[str, ...]) -> None:
    """The last request that changes something is obeyed, and its answer is lost."""
    writes = [step for step in steps if not step.startswith(READS)]
    if writes:
        bench.befall(writes[-1], "lost")


def test_a_piece_is_shown_once_and_taken_back_though_answers_are_lost(
    database: Database, bench: Bench, there: Channel, approved: Approved
) -> None:
    with database.transaction() as session:
        service.prepare(session, replace(approved, channel_ids=(there.id,)))
    lose_the_answer(bench, bench.steps)
    done = run_until(database, bench, "published")
    piece = approved.piece(done.id, done.published_at or done.due_at)
    assert bench.unhappened() == []
    assert (bench.copies(piece, done.key), bench.doubled()) == (1, False)
    assert done.attempts == (2 if bench.steps else 1)
    if bench.retract_steps or (isinstance(bench.kind, CanRetract) and not bench.steps):
        with database.transaction() as session:
            changes.retract(session, ADMIN, done.id, "It was made up.")
        lose_the_answer(bench, bench.retract_steps)
        run_until(database, bench, "retracted")
        assert bench.unhappened() == []
        assert bench.copies(piece, done.key) == 0
