"""Times of publications: chosen, moved, taken back; and what channels bear, held over all workers."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.accounts import queries as accounts
from stonehand.accounts.errors import PermissionMissing
from stonehand.accounts.permissions import Person, granted
from stonehand.channels.models import Channel
from stonehand.db import Database
from stonehand.drafts.models import Draft
from stonehand.jobs.clock import sweeper
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.publications import bearing, queries, scheduling, service
from stonehand.publications.approvals import Approved
from stonehand.publications.models import Publication
from stonehand.timing import cadences, clocks, wishes
from stonehand.timing.errors import NothingScheduled, TimeUnfit, TooLateToMove
from stonehand.timing.models import Cadence

from .conftest import ADMIN

HOUR = timedelta(hours=1)
EDITOR = Person("2", "e@example.org", "Eve", "editor", granted("editor"))


def soon(database: Database, later: timedelta = HOUR) -> datetime:
    with database.read() as session:
        return db.now(session) + later


def only(database: Database) -> Publication:
    with database.read() as session:
        (found,) = queries.newest(session)
        return found


def hurry(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Job).values(run_at=db.now(session)))
    sweeper.sweep(database)
    run_all(database)


def prepare(database: Database, approved: Approved) -> str:
    with database.transaction() as session:
        (made,) = service.prepare(session, approved)
        return made.id


def choose(database: Database, channel: Channel, at: datetime) -> scheduling.Scheduled:
    with database.transaction() as session:
        return scheduling.schedule(session, ADMIN, "d1", channel.id, at)


def test_a_wish_lets_nothing_out_before_somebody_approved_it(
    database: Database, channel: Channel, approved: Approved
) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Draft).values(state="in_review"))
    at = soon(database)
    assert choose(database, channel, at).publication_id == ""
    with database.transaction() as session:
        service.find_due(session)
        session.execute(sa.update(Draft).values(state="approved"))
    run_all(database)
    with database.read() as session:
        assert queries.newest(session) == []
        assert [wish.due_at for wish in wishes.of_draft(session, "d1")] == [at]
    prepare(database, approved)
    assert (only(database).state, only(database).due_at) == ("scheduled", at)
    with database.read() as session:
        assert wishes.of_draft(session, "d1") == [], "it is fulfilled"
    hurry(database)
    assert only(database).state == "scheduled", "its time has not come"


def test_a_time_is_moved_and_the_job_wakes_at_the_new_one(
    database: Database, channel: Channel, approved: Approved
) -> None:
    prepare(database, replace(approved, due_at=soon(database, timedelta(seconds=30))))
    with database.transaction() as session:
        assert service.find_due(session) == 1, "a minute ahead"
    run_all(database)
    with database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "publications.publish")).one()
    assert job.state == "scheduled"
    assert abs(job.run_at - only(database).due_at) < timedelta(seconds=1), "it waits for the very second"
    later = choose(database, channel, soon(database, 3 * HOUR))
    assert (only(database).due_at, later.publication_id) == (later.due_at, only(database).id)
    run_all(database)
    sweeper.sweep(database)
    run_all(database)
    assert only(database).state == "scheduled"
    choose(database, channel, soon(database, timedelta()))
    sweeper.sweep(database)
    run_all(database)
    assert only(database).state == "published"
    with pytest.raises(TooLateToMove, match="published, so its time is past"):
        choose(database, channel, soon(database))


def test_what_is_taken_off_stays_off_until_it_is_scheduled_again(
    database: Database, channel: Channel, approved: Approved
) -> None:
    publication_id = prepare(database, replace(approved, due_at=soon(database)))
    with database.transaction() as session:
        scheduling.cancel(session, ADMIN, publication_id, "the minister resigned")
    assert (only(database).state, only(database).error) == ("retracted", "taken off by Ada: the minister resigned")
    with database.transaction() as session:
        session.execute(sa.update(Publication).values(due_at=db.now(session)))
        assert service.find_due(session) == 0
    hurry(database)
    assert only(database).state == "retracted"
    with database.transaction() as session, pytest.raises(TooLateToMove):
        scheduling.cancel(session, ADMIN, publication_id)
    prepare(database, replace(approved, due_at=soon(database)))
    assert only(database).state == "scheduled", "a new approval lets it go again"
    choose(database, channel, soon(database, timedelta()))
    run_all(database)
    assert only(database).state == "published"
    with database.read() as session:
        verbs = [row.verb for row in accounts.audit(session, object_kind="publication")]
    assert sorted(verbs) == ["moved", "published", "took off"]


def test_wishes_can_be_taken_back_and_only_by_who_may(database: Database, channel: Channel, approved: Approved) -> None:
    at = soon(database)
    choose(database, channel, at)
    with database.transaction() as session:
        with pytest.raises(PermissionMissing):
            scheduling.schedule(session, EDITOR, "d1", channel.id, at)
        with pytest.raises(PermissionMissing):
            scheduling.unschedule(session, EDITOR, "d1", channel.id)
        with pytest.raises(TimeUnfit, match="is past"):
            scheduling.schedule(session, ADMIN, "d1", channel.id, at - timedelta(days=1))
        scheduling.unschedule(session, ADMIN, "d1", channel.id)
        with pytest.raises(NothingScheduled):
            scheduling.unschedule(session, ADMIN, "d1", channel.id)
        session.execute(sa.update(Draft).values(state="rejected"))
        with pytest.raises(TooLateToMove, match="is rejected"):
            scheduling.schedule(session, ADMIN, "d1", channel.id, at)


def test_a_piece_waits_for_quiet_hours_to_end_and_says_so(
    database: Database, channel: Channel, approved: Approved
) -> None:
    moment = soon(database, timedelta())
    until = moment + timedelta(hours=2)
    with database.transaction() as session:
        cadences.keep(
            session, ADMIN, channel.id, {"quiet": [f"{moment - HOUR:%H:%M}-{until:%H:%M}"], "timezone": "UTC"}
        )
    prepare(database, approved)
    run_all(database)
    with database.read() as session:
        job = session.scalars(sa.select(Job).where(Job.task == "publications.publish")).one()
    assert only(database).state == "scheduled"
    assert "Folder takes nothing now (quiet hours)" in (job.message or job.error or "")
    assert abs(job.run_at - until.replace(second=0, microsecond=0)) < timedelta(seconds=1)
    with database.transaction() as session:
        cadences.keep(session, ADMIN, channel.id, {})
    sweeper.sweep(database)
    run_all(database)
    assert only(database).state == "published", "other hours count at once"


def test_a_cap_holds_over_all_workers(either_database: Database) -> None:
    moment = soon(either_database, timedelta())
    with either_database.transaction() as session:
        session.add(Cadence(channel_id="c", timezone="UTC", quiet=[], per_day=7, changed_at=moment))

    def one(_: int) -> bool:
        with either_database.transaction() as session:
            return cadences.take(session, "c", moment)

    with ThreadPoolExecutor(8) as workers:
        assert Counter(workers.map(one, range(40))) == {True: 7, False: 33}
    with either_database.transaction() as session:
        assert cadences.take(session, "c", moment + timedelta(days=1)), "another day"
        session.execute(sa.update(Cadence).values(gap_seconds=60, per_day=0))
    with either_database.transaction() as session:
        assert not cadences.take(session, "c", moment + timedelta(days=1, seconds=59))
        assert cadences.take(session, "c", moment + timedelta(days=1, seconds=60))


def test_who_waits_is_told_when_its_turn_comes(database: Database, channel: Channel, approved: Approved) -> None:
    with database.transaction() as session:
        cadences.keep(session, ADMIN, channel.id, {"gap_seconds": 600})
    ids = [prepare(database, replace(approved, content_sha256=letter * 64)) for letter in "abc"]
    run_all(database)
    with database.read() as session:
        states = [queries.publication(session, each).state for each in ids]
        waiting = session.scalars(
            sa.select(Job).where(Job.task == "publications.publish", Job.state == "scheduled").order_by(Job.run_at)
        ).all()
    assert states == ["published", "scheduled", "scheduled"]
    gaps = [(job.run_at - waiting[0].run_at).total_seconds() for job in waiting]
    assert gaps == pytest.approx([0, 600], abs=5), "the third waits for two turns and does not ask in between"


def test_a_cap_counts_what_went_out_before_it_was_set(database: Database, channel: Channel, approved: Approved) -> None:
    """A piece an hour used to let a second one out at once, if the first had gone before somebody set the cap."""
    first, *others = [prepare(database, replace(approved, content_sha256=letter * 64)) for letter in "abc"]
    moment = soon(database, timedelta())
    with database.transaction() as session:
        begun = sa.update(Publication).where(Publication.id == first)
        session.execute(begun.values(begun_at=moment - 3 * HOUR, state="published"))
        bearing.keep(session, ADMIN, channel.id, {"per_day": 1, "timezone": "UTC"})
        taken = cadences.taken_of(session, channel.id)
        at, zone = moment - 3 * HOUR, cadences.limits_of(session, channel.id).zone
        assert (taken.day, taken.day_count) == (clocks.day_of(at, zone), 1)
        session.execute(begun.values(begun_at=moment))
        bearing.keep(session, ADMIN, channel.id, {"per_hour": 1, "timezone": "UTC"})
    run_all(database)
    with database.read() as session:
        waiting = session.scalars(
            sa.select(Job).where(Job.task == "publications.publish", Job.state == "scheduled").order_by(Job.run_at)
        ).all()
    assert [job.args["publication_id"] for job in waiting] == others
    assert all("(1 an hour have gone out)" in (job.message or "") for job in waiting)
    assert waiting[1].run_at - waiting[0].run_at == pytest.approx(HOUR, abs=timedelta(seconds=5))
