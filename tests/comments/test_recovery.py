"""Nothing is left behind in any state, whatever dies; nothing is sent twice."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.comments import deciding, gate, queries
from stonehand.comments.models import Comment, FoundArticle
from stonehand.jobs import claims
from stonehand.jobs.held import Portion
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence

from .conftest import ADMIN, Desk


def lose_jobs(desk: Desk) -> None:
    """The broker is flushed, a table restored: no job is left."""
    with desk.database.transaction() as session:
        session.execute(sa.delete(Job))


def approve_all(desk: Desk) -> None:
    with desk.database.transaction() as session:
        assert deciding.approve(session, ADMIN, desk.ids("generated")).refused == {}


def test_rows_that_lost_their_jobs_go_on_from_every_state(either_desk: Desk) -> None:
    desk = either_desk
    desk.process()
    desk.run()
    for_preparation, for_generation, *for_posting = desk.ids()
    approve_all(desk)
    desk.set(Comment, for_preparation, state="discovered")
    desk.set(Comment, for_generation, state="prepared")
    desk.set(Comment, for_posting[0], state="posting", job_id="gone", begun_at=db.utc_now())
    lose_jobs(desk)
    desk.tick()
    assert desk.states() == {"generated": 2, "posted": 4}
    approve_all(desk)
    desk.run()
    assert desk.states() == {"posted": 6}
    assert len(desk.site.comments) == 6


def test_new_articles_are_found_beside_a_row_that_stays(desk: Desk) -> None:
    """A predecessor never looked again while one row waited, and never took that row up."""
    process_id = desk.process()
    desk.run()
    desk.set(Comment, desk.ids()[0], state="discovered")
    desk.site.script["GET article"] = ["error"] * 2
    desk.later()
    desk.tick()
    assert desk.row(process_id).looks == 2
    for _ in range(3):
        desk.later()
        desk.run()
    assert desk.states() == {"generated": 6}


@pytest.mark.parametrize("state", ["discovered", "prepared"])
def test_stop_and_start_takes_up_what_was_left(either_desk: Desk, state: str) -> None:
    desk = either_desk
    process_id = desk.process()
    desk.run()
    for comment_id in desk.ids():
        desk.set(Comment, comment_id, state=state)
    desk.stop(process_id)
    desk.tick()
    assert desk.states() == {state: 6}
    desk.start(process_id)
    desk.run()
    assert desk.states() == {"generated": 6}


def test_what_a_person_approved_is_sent_also_when_stopped(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    desk.stop(process_id)
    approve_all(desk)
    lose_jobs(desk)
    desk.tick()
    assert desk.row(process_id).state == "stopped"
    assert desk.states() == {"posted": 6}


def test_what_a_policy_approved_waits_while_stopped(desk: Desk) -> None:
    process_id = desk.alone()
    desk.run()
    first = desk.ids()[0]
    with desk.database.transaction() as session:
        comment = queries.comment(session, first)
        comment.state, comment.notes = "approved", {}
    desk.site.comments.clear()
    desk.stop(process_id)
    desk.tick()
    assert desk.states() == {"approved": 1, "posted": 5}
    desk.start(process_id)
    desk.run()
    assert desk.states() == {"posted": 6}
    assert len(desk.site.comments) == 1


@pytest.mark.parametrize("befalls", ["lost", "error after", "unheard", "error", "login page"])
def test_answers_get_lost_and_each_comment_stands_there_once(
    desk: Desk, befalls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.site.script["POST comment"] = [befalls, "", befalls]
    desk.alone()
    desk.run()
    for _ in range(3):
        age_notes(desk)
        desk.later()
        desk.run()
    assert desk.states() == {"posted": 6}
    assert len(desk.site.comments) == 6


def age_notes(desk: Desk) -> None:
    """What was sent long ago is settled."""
    with desk.database.transaction() as session:
        for comment in session.scalars(sa.select(Comment).where(Comment.state == "posting")):
            comment.notes = {**comment.notes, "sent_at": comment.notes["sent_at"] - 3600}


def test_a_comment_that_was_hardly_looked_for_is_for_nobody_yet(desk: Desk) -> None:
    """Its first answer was lost an hour ago, and for want of a worker nobody has looked since."""
    desk.site.texts = {1: desk.site.texts[1]}
    desk.site.script = {"POST comment": ["lost"], "GET article": ["", "", "error", "error", "error"]}
    desk.alone(login_ids=desk.logins[:1])
    desk.run()
    for _ in range(2):
        notes = desk.comments()[0].notes
        desk.set(Comment, desk.ids()[0], notes={**notes, "asking": {**notes["asking"], "at": 0.0}})
        desk.later()
        desk.run()
        assert desk.states() == {"posting": 1}
    desk.site.script = {}
    desk.later()
    desk.run()
    assert desk.states() == {"posted": 1}


def test_a_comment_that_nobody_can_find_is_for_a_person(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_AMBIGUITY_SECONDS", "0")
    config.settings.cache_clear()
    desk.site.texts = {1: desk.site.texts[1]}
    desk.site.script["POST comment"] = ["login page"]
    process_id = desk.alone(login_ids=desk.logins[:1])
    desk.run()
    assert desk.states() == {"needs_reconcile": 1}
    assert desk.jobs("comments.send", "needs_reconcile")  # which the alert counts
    desk.tick()
    desk.stop(process_id)
    with desk.database.transaction() as session:
        deciding.settle(session, ADMIN, desk.ids()[0], arrived=False)
    desk.set(Comment, desk.ids()[0], approved_by="Ada")
    desk.run()
    assert desk.states() == {"posted": 1}
    assert len(desk.site.comments) == 1
    assert not desk.jobs("comments.send", "needs_reconcile")


def test_a_person_says_that_it_stands_there(desk: Desk) -> None:
    desk.process()
    desk.run()
    first = desk.ids()[0]
    desk.set(Comment, first, state="needs_reconcile", notes={"sent_at": 1.0}, doubt_since=db.utc_now())
    with desk.database.transaction() as session:
        done = deciding.settle(session, ADMIN, first, arrived=True, remote_id=" 4711 ")
        assert (done.state, done.remote_id) == ("posted", "4711")
    assert desk.site.comments == []


def test_a_session_that_ends_in_the_middle_costs_one_sign_in(desk: Desk) -> None:
    desk.alone()
    seen = []

    def end(exchange: object) -> None:
        seen.append(exchange)
        if len(seen) == 3:
            desk.site.end_sessions()
        desk.model.answer(exchange)  # type: ignore[arg-type]

    desk.model.script = end
    desk.run()
    assert desk.states() == {"posted": 6}
    assert desk.site.signins <= 4
    assert len(desk.site.comments) == 6


def test_many_jobs_for_one_comment_send_it_once(either_desk: Desk) -> None:
    desk = either_desk
    desk.site.texts = {1: desk.site.texts[1]}
    desk.process(login_ids=desk.logins[:1])
    desk.run()
    approve_all(desk)
    (comment_id,) = desk.ids()
    with desk.database.transaction() as session:
        for _ in range(8):
            jobs.enqueue(session, "comments.send", {"comment_id": comment_id})
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: desk.run(), range(6)))
    desk.run()
    assert desk.states() == {"posted": 1}
    assert desk.site.asked["POST comment"] == 1


def test_a_job_that_begins_while_another_sends_leaves_it_alone(desk: Desk) -> None:
    desk.process()
    desk.run()
    approve_all(desk)
    first = desk.ids()[0]
    with desk.database.transaction() as session:
        portions = {"comments.send": Portion(1, 2)}
        (held,) = claims.claim(
            session, "publishing", str(presence.this_process()), portions, db.utc_now(), timedelta(seconds=30)
        )
        assert gate.begin(session, first, held.id)
    with desk.database.transaction() as session:
        assert gate.begin(session, first, "another") is None
        assert gate.begin(session, first, held.id)  # its own next attempt goes on


def test_what_kills_its_worker_again_and_again_is_given_up(desk: Desk) -> None:
    desk.process()
    desk.run()
    approve_all(desk)
    first, second, *_ = desk.ids()
    with desk.database.transaction() as session:
        moment = db.now(session) + timedelta(seconds=1)
        for comment_id in (first, second):
            key = f"comments.send:{comment_id}"
            dead = sa.update(Job).where(Job.unique_key == key)
            session.execute(dead.values(state=State.DISCARDED, error="killed 3 processes", finished_at=moment))
        queries.comment(session, second).notes = {"sent_at": 1.0}
    desk.tick()
    found = {each.id: each for each in desk.comments()}
    assert (found[first].state, found[first].failed_at_stage) == ("failed", "posting")
    assert found[second].state == "needs_reconcile"
    assert desk.states()["posted"] == 4


def test_a_model_that_fails_is_asked_again_and_then_the_row_says_why(desk: Desk) -> None:
    desk.site.texts = {1: desk.site.texts[1]}
    desk.process(login_ids=desk.logins[:1])
    desk.model.script = lambda exchange: exchange.send(503, b"overloaded")
    for _ in range(6):
        desk.run()
        desk.later()
    (comment,) = desk.comments()
    assert (comment.state, comment.failed_at_stage) == ("failed", "generation")
    assert comment.error
    desk.model.script = None
    with desk.database.transaction() as session:
        assert deciding.retry(session, ADMIN, [comment.id]).done == 1
    desk.run()
    assert desk.states() == {"generated": 1}


def test_an_article_that_fails_does_not_hinder_the_others(desk: Desk) -> None:
    desk.process(login_ids=desk.logins[:1])
    desk.site.script["GET article"] = ["403"]
    desk.run()
    assert desk.states() == {"generated": 2, "failed": 1}
    (failed,) = desk.comments("failed")
    assert failed.failed_at_stage == "preparation"
    with desk.database.transaction() as session:
        deciding.retry(session, ADMIN, [failed.id])
    desk.run()
    assert desk.states() == {"generated": 3}


def test_an_article_that_is_gone_is_skipped(desk: Desk) -> None:
    process_id = desk.process()
    desk.run()
    first = desk.comments()[0]
    desk.set(Comment, first.id, state="discovered")
    desk.set(FoundArticle, first.article_id, read_at=None)
    desk.site.texts.clear()
    desk.ask("comments.prepare", process_id=process_id)
    assert desk.states() == {"skipped": 1, "generated": 5}


def test_a_site_that_is_down_is_tried_again_before_rows_fail(desk: Desk) -> None:
    desk.process(login_ids=desk.logins[:1])
    desk.site.script["GET article"] = ["error"] * 4
    desk.run()
    assert desk.states() == {"discovered": 3}
    for _ in range(2):
        desk.later()
        desk.run()
    assert desk.states() == {"generated": 3}


def test_two_looks_at_once_lose_no_hand_over(either_desk: Desk) -> None:
    """What is found while a pass of preparation ends is prepared as well, without waiting for the clock."""
    desk = either_desk
    ids = [desk.process(name=f"Process {number}", start=False) for number in range(3)]
    for each in ids:
        desk.start(each)
    barrier = threading.Barrier(3)

    def work(_: int) -> None:
        barrier.wait()
        desk.run()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    desk.run()
    assert set(desk.states()) == {"generated"}
