"""Schedules: one run for each due time, whoever ticks and whatever the clock does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa

from stonehand import db, jobs, migrations, pipeline
from stonehand.db import Database
from stonehand.jobs.clock import recurring, schedule_queries, scheduler, schedules
from stonehand.jobs.clock.schedules import Outcome, Planned
from stonehand.jobs.declaration import Task
from stonehand.jobs.desk.parameters import ArgumentsUnfit, TaskForbidden
from stonehand.jobs.errors import JobBusy, ScheduleInvalid, ScheduleNotFound, ScheduleTaken, TimetableInvalid
from stonehand.jobs.models import Job, Schedule, ScheduleRun
from stonehand.jobs.states import State

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Clock:
    """The host's clock, which on SQLite is the database's; it goes only where it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 8, 59, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(db, "utc_now", clock)
    return clock


def nothing(attempt: jobs.Attempt) -> None:
    raise AssertionError("never run here")


def with_argument(attempt: jobs.Attempt, desk_id: str) -> None:
    raise AssertionError("never run here")


SWEEP = Task("desks.sweep", "maintenance", nothing, role="editor")
CLEAN = Task("desks.clean", "maintenance", with_argument, role="editor")


def make(database: Database, name: str = "mine", task: Task = SWEEP, **values: object) -> None:
    with database.transaction() as session:
        recurring.create(session, name, task, "Ada", values)


def tick(database: Database) -> int:
    with database.transaction() as session:
        return schedules.tick(session)


def end_jobs(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state=State.COMPLETED))


def runs(database: Database, name: str = "mine") -> list[tuple[datetime, str]]:
    with database.read() as session:
        return [(each.run.due_at, each.run.outcome) for each in reversed(schedule_queries.history(session, name))]


def next_at(database: Database, name: str = "mine") -> datetime:
    with database.read() as session:
        return recurring.get(session, name).next_at


def set_back(database: Database, by: timedelta, name: str = "mine") -> datetime:
    """As if no scheduler had run for so long. Returns the first due time that was missed."""
    with database.transaction() as session:
        schedule = recurring.get(session, name)
        schedule.next_at -= by
        return schedule.next_at


def many(count: int, deed: Callable[[], object]) -> None:
    """Do it in so many threads at once; none may fail."""
    together = threading.Barrier(count)

    def one(_: int) -> None:
        together.wait(30)
        deed()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(one, range(count)))


def test_a_cron_schedule_fires_at_its_times_and_never_early(database: Database, clock: Clock) -> None:
    make(database, cron="0 9 * * MON-FRI", timezone="Europe/Zurich")
    nine = datetime(2026, 3, 3, 8, tzinfo=UTC)
    assert next_at(database) == nine
    clock.now = nine - timedelta(seconds=1)
    assert tick(database) == 0
    clock.now = nine
    assert (tick(database), tick(database)) == (1, 0)
    assert next_at(database) == nine + timedelta(days=1)
    with database.read() as session:
        [job] = session.scalars(sa.select(Job))
    assert (job.task, job.queue, job.priority, job.asked_by) == ("desks.sweep", "maintenance", 5, "the schedule mine")


def test_arguments_and_priority_go_with_the_job(database: Database, clock: Clock) -> None:
    make(database, task=CLEAN, every_seconds=60, args={"desk_id": "d1"}, priority=9)
    clock.now += MINUTE
    tick(database)
    with database.read() as session:
        [job] = session.scalars(sa.select(Job))
    assert (job.args, job.priority) == ({"desk_id": "d1"}, 9)


def test_a_run_that_still_works_is_not_joined_by_another(database: Database, clock: Clock) -> None:
    make(database, every_seconds=60)
    fired = []
    for _ in range(3):
        clock.now += MINUTE
        fired.append(tick(database))
    assert fired == [1, 0, 0]
    end_jobs(database)
    clock.now += MINUTE
    assert tick(database) == 1
    assert [outcome for _, outcome in runs(database)] == [Outcome.FIRED, Outcome.BUSY, Outcome.BUSY, Outcome.FIRED]
    with database.read() as session:
        history = schedule_queries.history(session, "mine")
        first = history[-1].run.job_id
    assert history[1].words == "skipped: the run before was still working"
    assert [each.run.job_id for each in history[1:3]] == [first, first]
    assert history[1].job
    assert history[1].job.id == first


@pytest.mark.parametrize(
    ("missed", "fired", "outcomes", "words"),
    [
        ("once", 1, [Outcome.FIRED], "fired, once for all that was due until 2026-03-09 09:45 UTC"),
        ("skip", 0, [Outcome.MISSED], "skipped: nobody could fire it, or what came after it, in time"),
        ("all", 100, [Outcome.FIRED] * 100, "fired"),
    ],
)
def test_what_happens_to_missed_times(
    database: Database, clock: Clock, missed: str, fired: int, outcomes: Sequence[str], words: str
) -> None:
    make(database, cron="30 * * * *", missed=missed)
    clock.now = datetime(2026, 3, 9, 9, 45, tzinfo=UTC)  # 169 due times later
    assert tick(database) == fired
    with database.read() as session:
        found = schedule_queries.history(session, "mine", limit=500)
    assert [each.run.outcome for each in found] == outcomes
    assert found[-1].words == words
    assert found[-1].run.due_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    while tick(database):
        pass
    assert next_at(database) == datetime(2026, 3, 9, 10, 30, tzinfo=UTC)
    with database.read() as session:
        count = session.scalar(sa.select(sa.func.count()).select_from(Job))
    assert count == {"once": 1, "skip": 0, "all": 169}[missed]


def test_skipping_still_fires_what_is_due_now(database: Database, clock: Clock) -> None:
    make(database, cron="30 * * * *", missed="skip")
    clock.now = datetime(2026, 3, 2, 12, 30, 20, tzinfo=UTC)
    assert tick(database) == 1
    assert [outcome for _, outcome in runs(database)] == [Outcome.MISSED, Outcome.FIRED]


def test_a_clock_that_is_set_forward_and_back_loses_and_doubles_nothing(database: Database, clock: Clock) -> None:
    make(database, "daily", cron="0 9 * * *")
    make(database, "often", every_seconds=60)
    true, elapsed = clock.now, []
    for second in range(0, 3 * 3600, 30):
        off = HOUR if 1800 <= second < 3600 else -HOUR if 5400 <= second < 7200 else timedelta()
        clock.now = true + timedelta(seconds=second) + off
        with database.transaction() as session:
            schedules.tick(session)
            done = sa.update(Job).where(Job.state == State.AVAILABLE, Job.unique_key == "schedule:often")
            elapsed += [second] * len(session.scalars(done.values(state=State.COMPLETED).returning(Job.id)).all())
    assert [due_at for due_at, _ in runs(database, "daily")] == [datetime(2026, 3, 2, 9, tzinfo=UTC)]
    gaps = [late - early for early, late in pairwise(elapsed)]
    assert max(gaps) <= 120, "an interval does not rest for an hour because the clock was wrong for one"
    assert min(gaps) >= 30


def test_ten_schedulers_that_start_and_tick_at_once(either_database: Database) -> None:
    names = ["early", "late"]
    for name in names:
        make(either_database, name, every_seconds=60, missed="all")
        set_back(either_database, timedelta(hours=2), name)
    make(either_database, "once", every_seconds=60)
    set_back(either_database, timedelta(hours=5), "once")

    def start() -> None:
        with either_database.transaction() as session:
            pipeline.install_schedules(session)
        for _ in range(3):
            scheduler.tick(either_database)

    many(10, start)
    with either_database.read() as session:
        moment = db.now(session)
        rows = session.execute(sa.select(ScheduleRun.schedule, ScheduleRun.due_at, ScheduleRun.fired_at)).all()
        keys = session.scalars(sa.select(Job.unique_key)).all()
        planned = set(session.scalars(sa.select(Schedule.name).where(~Schedule.is_own)))
    assert all(due_at <= fired_at <= moment for _, due_at, fired_at in rows)
    for name in names:
        times = sorted(due_at for each, due_at, _ in rows if each == name)
        assert [late - early for early, late in pairwise(times)] == [MINUTE] * (len(times) - 1)
        assert 119 <= len(times) <= 122
        assert len([key for key in keys if key and key.startswith(f"schedule:{name}:")]) == len(times)
    assert len([each for each, _, _ in rows if each == "once"]) == keys.count("schedule:once") == 1
    assert planned == {row.task for row in pipeline.planned()}


def test_the_databases_clock_decides_not_the_hosts(postgres: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from stonehand import config

    monkeypatch.setenv("STONEHAND_DATABASE_URL", postgres.make_database(db.new_id()))  # type: ignore[attr-defined]
    config.settings.cache_clear()
    database = db.database()
    migrations.load_models().create_all(database.engine)
    make(database, every_seconds=3600)
    for off in (HOUR * 2, -HOUR * 2):
        wrong = datetime.now(UTC) + off
        monkeypatch.setattr(db, "utc_now", lambda wrong=wrong: wrong)
        assert tick(database) == 0
    set_back(database, HOUR)
    assert (tick(database), tick(database)) == (1, 0)
    database.close()


def test_installing_leaves_alone_what_people_made_or_edited(database: Database, clock: Clock) -> None:
    rows = [schedules.every("desks.sweep", "maintenance", 60), schedules.every("desks.air", "maintenance", 60)]
    install(database, rows)
    make(database, "mine", every_seconds=300)
    with database.transaction() as session:
        recurring.change(session, "desks.sweep", SWEEP, "Ada", {"cron": "@daily"})
        recurring.disable(session, "desks.air", "Ada")
    install(database, [schedules.every("desks.sweep", "maintenance", 30), schedules.every("desks.air", "default", 30)])
    with database.read() as session:
        found = {each.schedule.name: each.schedule for each in schedule_queries.listing(session)}
    assert (found["desks.sweep"].cron, found["desks.sweep"].every_seconds) == ("@daily", 0)
    assert (found["desks.air"].every_seconds, found["desks.air"].queue) == (30, "default")
    assert not found["desks.air"].is_enabled
    assert found["mine"].every_seconds == 300
    install(database, [])
    with database.read() as session:
        assert [each.schedule.name for each in schedule_queries.listing(session)] == ["mine"]


def install(database: Database, rows: Sequence[Planned]) -> None:
    with database.transaction() as session:
        schedules.install(session, rows)


def test_installing_again_keeps_the_next_time_unless_the_timetable_changed(database: Database, clock: Clock) -> None:
    name = "desks.sweep"
    install(database, [schedules.every(name, "maintenance", 3600, jitter=30)])
    first = next_at(database, name)
    assert timedelta() <= first - clock.now <= timedelta(seconds=30)
    clock.now += MINUTE * 5
    install(database, [schedules.every(name, "maintenance", 3600, jitter=30, priority=7)])
    assert next_at(database, name) == first
    install(database, [schedules.cron(name, "maintenance", "0 12 * * *", timezone="Europe/Zurich")])
    assert next_at(database, name) == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_the_pipelines_schedules_can_be_read_and_are_staggered() -> None:
    assert all(row.timetable().check().words() for row in pipeline.planned())
    assert len({schedules.put_off(row.task, row.jitter) for row in pipeline.planned()}) > 1


def test_a_schedule_that_cannot_be_read_stops_no_other(database: Database, clock: Clock) -> None:
    make(database, "broken", cron="0 9 * * *")
    make(database, "mine", cron="0 9 * * *")
    with database.transaction() as session:
        recurring.get(session, "broken").timezone = "Mars/Olympus"
    clock.now += HOUR
    assert tick(database) == 1
    assert [outcome for _, outcome in runs(database, "broken")] == [Outcome.UNREADABLE]
    assert next_at(database, "broken") == clock.now + HOUR
    with database.transaction() as session:
        recurring.change(session, "broken", SWEEP, "Ada", {"timezone": "UTC"})
    assert next_at(database, "broken") == datetime(2026, 3, 3, 9, tzinfo=UTC)


def test_an_edit_counts_at_once(database: Database, clock: Clock) -> None:
    make(database, cron="0 9 * * *")
    with database.transaction() as session:
        recurring.change(session, "mine", SWEEP, "Bob", {"every_seconds": 120})
    assert next_at(database) == clock.now + MINUTE * 2
    before = next_at(database)
    with database.transaction() as session:
        changed = recurring.change(session, "mine", SWEEP, "Bob", {"priority": 9, "missed": "skip"})
        assert (changed.changed_by, changed.is_edited, changed.cron) == ("Bob", False, None)
    assert next_at(database) == before


def test_switching_on_makes_up_for_nothing(database: Database, clock: Clock) -> None:
    make(database, every_seconds=60, missed="all")
    with database.transaction() as session:
        recurring.disable(session, "mine", "Ada")
    clock.now += HOUR
    assert tick(database) == 0
    with database.transaction() as session:
        recurring.enable(session, "mine", "Ada")
    assert tick(database) == 0
    assert clock.now < next_at(database) <= clock.now + MINUTE


def test_running_by_hand(database: Database, clock: Clock) -> None:
    make(database, every_seconds=60)
    with database.transaction() as session:
        job_id = recurring.run_now(session, "mine", "Ada")
    with database.transaction() as session, pytest.raises(JobBusy, match=job_id):
        recurring.run_now(session, "mine", "Ada")
    clock.now += MINUTE
    assert tick(database) == 0
    assert [outcome for _, outcome in runs(database)] == [Outcome.BY_HAND, Outcome.BUSY]
    with database.read() as session:
        assert session.get_one(Job, job_id).asked_by == "Ada"
        [standing] = schedule_queries.listing(session)
        assert standing.last
        assert standing.last.run.outcome == Outcome.BUSY


def test_only_ones_own_can_be_removed_and_only_the_pipelines_reset(database: Database, clock: Clock) -> None:
    planned = [schedules.every("desks.sweep", "maintenance", 60, jitter=10)]
    install(database, planned)
    make(database, "mine", every_seconds=60)
    clock.now += MINUTE
    tick(database)
    with database.transaction() as session:
        recurring.change(session, "desks.sweep", SWEEP, "Ada", {"cron": "@yearly"})
        recurring.disable(session, "desks.sweep", "Ada")
        with pytest.raises(ScheduleTaken, match="disable it instead"):
            recurring.remove(session, "desks.sweep")
        with pytest.raises(ScheduleTaken):
            recurring.reset(session, "mine", planned)
        recurring.remove(session, "mine")
        reset = recurring.reset(session, "desks.sweep", planned)
        assert (reset.every_seconds, reset.cron, reset.is_enabled, reset.is_edited) == (60, None, True, False)
        assert reset.next_at > clock.now
    with database.read() as session, pytest.raises(ScheduleNotFound):
        recurring.get(session, "mine")
    assert runs(database) == []


@pytest.mark.parametrize(
    ("name", "task", "values", "error"),
    [
        ("with.dot", SWEEP, {"every_seconds": 60}, ScheduleInvalid),
        ("preview", SWEEP, {"every_seconds": 60}, ScheduleInvalid),
        ("a/b", SWEEP, {"every_seconds": 60}, ScheduleInvalid),
        ("mine", SWEEP, {}, TimetableInvalid),
        ("mine", SWEEP, {"every_seconds": 60, "cron": "@daily"}, TimetableInvalid),
        ("mine", SWEEP, {"cron": "@daily", "timezone": "Nowhere"}, TimetableInvalid),
        ("mine", SWEEP, {"every_seconds": 60, "missed": "maybe"}, ScheduleInvalid),
        ("mine", SWEEP, {"every_seconds": 60, "priority": 10}, ScheduleInvalid),
        ("mine", SWEEP, {"every_seconds": 60, "jitter": 61}, ScheduleInvalid),
        ("mine", SWEEP, {"every_seconds": 60, "args": {"desk_id": "d1"}}, ArgumentsUnfit),
        ("mine", CLEAN, {"every_seconds": 60}, ArgumentsUnfit),
        ("there", SWEEP, {"every_seconds": 60}, ScheduleTaken),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, name: str, task: Task, values: dict[str, object], error: type[Exception]
) -> None:
    make(database, "there", every_seconds=60)
    with pytest.raises(error):
        make(database, name, task, **values)


def test_only_tasks_that_people_may_start_recur() -> None:
    pipeline.install()
    assert recurring.startable("drafts.commission_top").role == "editor"
    assert recurring.startable("jobs.forget_old").role == "admin"
    assert recurring.startable("analysis.analyse").role == "editor"
    with pytest.raises(TaskForbidden, match="never by hand"):
        recurring.startable("publications.publish")
