"""Deeds for many jobs at once, and what a person does to a single one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, now
from stonehand.errors import Rejected
from stonehand.jobs import declaration, dependencies, outbox, queries
from stonehand.jobs.dependencies import Step
from stonehand.jobs.desk import bulk, deadletters, explanation, filters, steering
from stonehand.jobs.desk.bulk import Deed, DeedUnknown
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.desk.parameters import ArgumentsUnfit
from stonehand.jobs.desk.steering import PriorityUnknown, ReasonMissing
from stonehand.jobs.errors import JobBusy
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all

done: list[str] = []


@pytest.fixture
def database(either_database: Database) -> Database:
    """Every test here holds on both kinds of database."""
    return either_database


@pytest.fixture(autouse=True)
def errands() -> Iterator[None]:
    """A task that fails for good unless its word is right, and one that never runs here."""

    @jobs.task("errands.go", queue="default")
    def go(attempt: jobs.Attempt, word: str, note: str = "") -> None:
        if word != "right":
            raise Rejected(f"the word {word!r} is wrong; say it right")
        with attempt.finish():
            done.append(word)

    done.clear()
    yield
    declaration._tasks.pop("errands.go")


def ask(database: Database, count: int = 1, word: str = "wrong", **columns: object) -> list[str]:
    wishes = [(declaration.find("errands.go"), {"word": word}, columns)] * count
    with database.transaction() as session:
        return outbox.insert_all(session, wishes)


def put(database: Database, *ids: str, **values: object) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Job).where(Job.id.in_(ids)).values(**values))


def look(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return queries.job(session, job_id)


def at_once(database: Database, wish: Filter, deed: Deed) -> int:
    with database.transaction() as session:
        return bulk.step(session, wish, deed).changed


def test_a_filter_finds_by_each_of_its_parts_and_survives_being_stored(database: Database) -> None:
    [old] = ask(database)
    time.sleep(0.002)  # ids tell milliseconds, and those of one millisecond have no order
    [mine] = ask(database, fair_key="source:7", asked_by="Ada")
    put(database, old, error="the host sleeps 100%", state=State.DISCARDED, finished_at=None)
    with database.read() as session:
        edge = now(session) + timedelta(milliseconds=1)  # ids begin with milliseconds: the last job may be of this one
        for wish, found in (
            (Filter(text="HOST sleeps 100%"), [old]),
            (Filter(text="100_"), []),
            (Filter(owner="source:7"), [mine]),
            (Filter(asked_by="Ada", states=(State.AVAILABLE,)), [mine]),
            (Filter(task="errands.go", queue="default", until=edge), [mine, old]),
            (Filter(since=edge), []),
            (Filter(last=old), [old]),
        ):
            assert [job.id for job in filters.listing(session, wish)] == found, wish
            assert Filter.read(json.loads(json.dumps(wish.stored()))) == wish
        assert filters.counts(session, Filter()) == {State.AVAILABLE: 1, State.DISCARDED: 1}


def test_many_are_cancelled_by_a_job_that_shows_how_far_it_is(database: Database) -> None:
    ids = ask(database, bulk.CHUNK * 2 + 5)
    put(database, ids[0], state=State.EXECUTING)
    put(database, ids[1], state=State.COMPLETED)
    with database.transaction() as session:
        asked = bulk.ask(session, Filter(task="errands.go"), Deed("cancel", by="Ada"))
    later = ask(database)
    run_all(database, queues=("control",))
    job = look(database, asked)
    assert (job.state, job.result, job.asked_by) == (State.COMPLETED, {"changed": len(ids) - 1}, "Ada")
    assert (job.progress_current, job.progress_total) == (len(ids) - 1, len(ids) - 1)
    assert look(database, ids[0]).cancel_requested_at is not None
    assert look(database, ids[1]).state == State.COMPLETED
    assert look(database, ids[-1]).state == State.CANCELLED
    assert look(database, later[0]).state == State.AVAILABLE, "what was asked for later was not meant"


def test_a_deed_that_was_interrupted_goes_on_where_it_was(database: Database) -> None:
    ids = ask(database, bulk.CHUNK + 5)
    put(database, *ids, state=State.DISCARDED)
    wish, deed = Filter(task="errands.go"), Deed("retry", by="Ada")
    with database.transaction() as session:
        asked = bulk.ask(session, wish, deed)
        part = bulk.step(session, wish, deed)
    put(database, asked, result={"changed": part.changed, "after": part.last})
    put(database, ids[0], state=State.DISCARDED)  # died again meanwhile
    run_all(database, queues=("control",))
    assert look(database, asked).result == {"changed": len(ids)}
    assert look(database, ids[0]).state == State.DISCARDED, "it was not run again twice"
    assert look(database, ids[-1]).state == State.AVAILABLE


def test_of_the_same_work_only_one_runs_again_and_doubt_is_left_alone(database: Database) -> None:
    [first] = ask(database, unique_key="k")
    put(database, first, state=State.DISCARDED)
    [second] = ask(database, unique_key="k")
    put(database, second, state=State.DISCARDED)
    doubt, stopped = ask(database), ask(database)
    put(database, *doubt, state=State.NEEDS_RECONCILE)
    put(database, *stopped, state=State.CANCELLED)
    assert at_once(database, Filter(), Deed("retry")) == 1
    states = [look(database, each).state for each in (first, second, *doubt, *stopped)]
    assert states == ["discarded", "available", "needs_reconcile", "cancelled"]
    assert at_once(database, Filter(states=(State.CANCELLED,)), Deed("retry")) == 1


def test_priorities_and_deeds_that_make_no_sense(database: Database) -> None:
    [job_id] = ask(database)
    assert at_once(database, Filter(), Deed("prioritise", "9")) == 1
    assert look(database, job_id).priority == 9
    for deed, error in (
        (Deed("prioritise", "10"), PriorityUnknown),
        (Deed("prioritise", "high"), PriorityUnknown),
        (Deed("resolve", " "), ReasonMissing),
        (Deed("burn"), DeedUnknown),
    ):
        with pytest.raises(error):
            deed.check()


def test_dead_letters_fall_into_groups_and_are_mended_together(database: Database) -> None:
    for word in ("'a 1'", "'b 22'"):
        ask(database, word=word)
    [other] = ask(database)
    run_all(database, queues=("default",))
    put(database, other, error="something else")
    assert deadletters.sort_out(database)
    with database.read() as session:
        found = {group.count: group for group in deadletters.groups(session)}
        assert sorted(found) == [1, 2]
        group = found[2]
        assert group.first_at <= group.last_at
        assert bulk.count(session, deadletters.of_group(group.fingerprint), "mend") == 2
    wish = deadletters.of_group(group.fingerprint)
    with pytest.raises(ArgumentsUnfit, match="takes word, note"), database.transaction() as session:
        bulk.step(session, wish, Deed("mend", json.dumps({"wort": "right"})))
    assert at_once(database, wish, Deed("mend", json.dumps({"word": "right"}))) == 2
    run_all(database, queues=("default",))
    assert done == ["right", "right"]
    with database.read() as session, pytest.raises(deadletters.GroupNotFound):
        deadletters.group(session, group.fingerprint)


def test_one_that_dies_of_something_else_changes_its_group(database: Database) -> None:
    [job_id] = ask(database)
    run_all(database, queues=("default",))
    deadletters.sort_out(database)
    before = look(database, job_id).fingerprint
    with database.transaction() as session:
        steering.mend(session, job_id, {"word": "x", "note": "y"})
    put(database, job_id, state=State.DISCARDED, error="the disk is full")
    deadletters.sort_out(database)
    assert before != look(database, job_id).fingerprint is not None


def test_what_may_have_happened_is_for_a_person_to_say(database: Database) -> None:
    with database.transaction() as session:
        unsure, after = dependencies.chain(session, [Step("errands.go", {"word": "right"})] * 2)
    put(database, unsure, state=State.NEEDS_RECONCILE, error="no answer", result={"key": "k"})
    assert "needs a person's look" in why(database, after)
    with pytest.raises(ReasonMissing), database.transaction() as session:
        steering.it_happened(session, unsure, "Ada", "  ")
    with database.transaction() as session:
        job = steering.it_happened(session, unsure, "Ada", "I saw it on the site")
    assert (job.state, job.result) == ("completed", {"key": "k", "confirmed by": "Ada", "note": "I saw it on the site"})
    assert look(database, after).state == State.AVAILABLE
    with pytest.raises(JobBusy, match="nobody doubts"), database.transaction() as session:
        steering.it_did_not_happen(session, after)
    put(database, after, state=State.NEEDS_RECONCILE)
    with database.transaction() as session:
        assert steering.it_did_not_happen(session, after).state == State.AVAILABLE


def why(database: Database, job_id: str) -> str:
    with database.read() as session:
        return explanation.why_not_running(session, queries.job(session, job_id))


def test_a_blocked_job_names_what_it_waits_for(database: Database) -> None:
    with database.transaction() as session:
        first, second, last = dependencies.group(
            session, [Step("errands.go", {"word": "wrong"}), Step("errands.go", {"word": "right"})], Step("errands.go")
        )
    assert f"waits for job {first} (errands.go), which is available; and for 1 more." in why(database, last)
    put(database, second, state=State.DISCARDED)
    assert f"waits for job {second} (errands.go), which is a dead letter" in why(database, last)


def test_hurrying_skips_the_wait_and_only_a_wait(database: Database) -> None:
    [job_id] = ask(database)
    put(database, job_id, state=State.SCHEDULED, gate="host:x", message="waits for its turn")
    with database.transaction() as session:
        job = steering.run_now(session, job_id)
    assert (job.state, job.gate, job.message) == (State.AVAILABLE, None, None)
    with pytest.raises(JobBusy, match="can be hurried"), database.transaction() as session:
        steering.run_now(session, job_id)
    with database.transaction() as session:
        assert steering.prioritise(session, job_id, 0).priority == 0
    put(database, job_id, state=State.COMPLETED)
    with pytest.raises(JobBusy, match="only while a job waits"), database.transaction() as session:
        steering.prioritise(session, job_id, 9)


def test_a_resolved_letter_says_by_whom_and_why(database: Database) -> None:
    [job_id] = ask(database)
    run_all(database, queues=("default",))
    with database.transaction() as session:
        job = steering.resolve(session, job_id, "Ada", "the source is  gone")
    assert (job.state, job.message) == (State.CANCELLED, "Ada: the source is gone")
    assert "resolved at" in why(database, job_id)
    assert "by Ada: the source is gone." in why(database, job_id)
    with pytest.raises(JobBusy, match="only a dead letter"), database.transaction() as session:
        steering.resolve(session, job_id, "Ada", "again")


def test_a_search_stops_after_a_while_and_goes_on_from_there(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filters, "WINDOW", 10)
    [old] = ask(database, asked_by="Ada")
    ask(database, 25)
    wish = Filter(asked_by="Ada")
    with database.read() as session:
        first = filters.part(session, wish)
        assert (first.jobs, bool(first.next)) == ([], True)
        assert [job.id for job in filters.listing(session, wish)] == [old]
        assert filters.part(session, Filter(flow="none")) == filters.Part([], "")
