"""A process that is stopped, or has run for too long, ends within seconds and loses nothing."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from stonehand import db
from stonehand.comments import course, service
from stonehand.comments.errors import ProcessBusy
from stonehand.comments.models import CommentProcess
from stonehand.jobs import claims, endings
from stonehand.jobs.held import Held, Portion
from stonehand.jobs.models import Job
from stonehand.jobs.worker import presence

from .conftest import ADMIN, Desk


def claim(desk: Desk, queue: str, task: str) -> Held:
    """As a worker does that then says nothing more."""
    with desk.database.transaction() as session:
        portions = {task: Portion(1)}
        return claims.claim(
            session, queue, str(presence.this_process()), portions, db.utc_now(), timedelta(seconds=60)
        )[0]


def test_with_nothing_at_work_it_stops_at_once(desk: Desk) -> None:
    process_id = desk.process()
    desk.stop(process_id)
    row = desk.row(process_id)
    assert (row.state, row.reason, row.next_look_at) == ("stopped", "stopped by Ada", None)
    assert {job.state for job in desk.jobs("comments.discover")} == {"cancelled"}
    assert desk.run() == 0
    assert desk.site.asked.total() == 0
    with pytest.raises(ProcessBusy, match="does not run"):
        desk.stop(process_id)


def test_what_does_not_listen_is_taken_away_after_seconds(either_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = either_desk
    process_id = desk.process()
    held = claim(desk, "sources", "comments.discover")
    desk.stop(process_id)
    assert desk.row(process_id).state == "stopping"
    desk.ask("comments.check_timeouts")
    assert desk.row(process_id).state == "stopping"  # it has some seconds
    monkeypatch.setattr(course, "GRACE", timedelta(0))
    desk.ask("comments.check_timeouts")
    assert desk.row(process_id).state == "stopped"
    with desk.database.transaction() as session:
        assert not endings.complete(session, [held])
    desk.start(process_id)
    desk.run()
    assert desk.states() == {"generated": 6}


def test_somebody_looks_again_by_himself(desk: Desk) -> None:
    process_id = desk.process()
    claim(desk, "sources", "comments.discover")
    desk.stop(process_id)
    (check,) = desk.jobs("comments.check_timeouts")
    assert check.run_at - db.utc_now() < timedelta(seconds=6)
    desk.set(Job, desk.jobs("comments.discover")[0].id, cancel_requested_at=db.utc_now() - timedelta(seconds=9))
    desk.later()
    desk.run()
    assert desk.row(process_id).state == "stopped"


def test_a_text_that_comes_while_it_stops_is_kept(desk: Desk) -> None:
    process_id, stopped = desk.alone(), list[str]()

    def stop(exchange: object) -> None:
        if not stopped:
            stopped.append(process_id)
            desk.stop(process_id)
        desk.model.answer(exchange)  # type: ignore[arg-type]

    desk.model.script = stop
    desk.run()
    assert desk.row(process_id).state == "stopped"
    states = desk.states()
    assert states["generated"] == 1
    assert states["prepared"] == 5
    assert desk.site.comments == []
    desk.start(process_id)
    desk.run()
    assert desk.states() == {"generated": 1, "posted": 5}  # what waited for a person does so still


def test_reading_ends_between_two_articles(desk: Desk) -> None:
    process_id, stopped = desk.process(), list[str]()
    obey = desk.site.obey

    def stop(asked: object) -> object:
        if getattr(asked, "path", "").startswith("/article/") and not stopped:
            stopped.append(process_id)
            desk.stop(process_id)
        return obey(asked)  # type: ignore[arg-type]

    desk.site.obey = stop  # type: ignore[method-assign, assignment]
    desk.run()
    assert desk.row(process_id).state == "stopped"
    assert desk.site.asked["GET article"] == 1
    assert desk.states() == {"discovered": 6}
    desk.start(process_id)
    desk.run()
    assert desk.states() == {"generated": 6}


def test_time_is_over(either_desk: Desk) -> None:
    desk = either_desk
    process_id = desk.process(max_duration_minutes=5)
    other = desk.process(name="Longer", max_duration_minutes=60)
    desk.run()
    for each in (process_id, other):
        desk.set(CommentProcess, each, started_at=db.utc_now() - timedelta(minutes=5, seconds=1))
    desk.ask("comments.check_timeouts")
    row = desk.row(process_id)
    assert (row.state, row.reason) == ("timed_out", "it has run for 5 minutes, as long as it may")
    assert desk.row(other).state == "running"
    desk.tick()
    assert len(desk.jobs("comments.discover")) == 2
    desk.start(process_id)
    assert desk.row(process_id).state == "running"


def test_a_stop_that_crosses_a_start_of_work_leaves_no_half(desk: Desk) -> None:
    ids = [desk.process(name=f"Process {number}") for number in range(2)]
    stopper = threading.Thread(target=lambda: list(map(desk.stop, ids)))
    stopper.start()
    desk.run()
    stopper.join()
    desk.run()
    for each in ids:
        with desk.database.transaction() as session:
            service.start(session, ADMIN, each)
    desk.run()
    assert desk.states() == {"generated": 12}
