"""When agents write by themselves: to the minute, as the clocks of a zone show it, each due time once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from stonehand import db, pipeline
from stonehand.agents import queries, service, timing
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.wishes import When
from stonehand.db import Database
from stonehand.jobs import declaration
from stonehand.jobs.clock import recurring, schedules
from stonehand.jobs.errors import TimetableInvalid
from stonehand.jobs.models import Job, Schedule
from stonehand.jobs.states import State
from tests.agents.conftest import ADA, HERONS, finish, make, runs, shelved
from tests.jobs.test_schedules import Clock, clock

__all__ = ["clock"]
ZURICH = When("30 9 * * *", "Europe/Zurich")


def tick(database: Database) -> int:
    with database.transaction() as session:
        return schedules.tick(session, Schedule.task == timing.TASK)


def asked(database: Database) -> list[Job]:
    with database.read() as session:
        return list(session.scalars(sa.select(Job).where(Job.task == timing.TASK).order_by(Job.id)))


def end_jobs(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state=State.COMPLETED))


def schedule(database: Database, agent: Agent) -> Schedule | None:
    with database.read() as session:
        return timing.schedule(session, queries.ever(session, agent.id))


def test_it_fires_at_its_minute_over_a_change_of_the_clocks(database: Database, clock: Clock) -> None:
    clock.now = datetime(2026, 3, 27, 12, tzinfo=UTC)
    make(database, ZURICH)
    fired = []
    for minute in range(0, 3 * 24 * 60, 30):  # over the night of 29 March, when summer time begins
        clock.now = datetime(2026, 3, 27, 12, tzinfo=UTC) + timedelta(minutes=minute)
        if tick(database):
            fired.append(clock.now)
            end_jobs(database)
    assert [f"{each:%d %H:%M}" for each in fired] == ["28 08:30", "29 07:30", "30 07:30"]


def test_never_early_and_once_in_its_minute(database: Database, clock: Clock) -> None:
    """A window of five minutes used to fire twice in it, and not at all if it was missed."""
    agent, due = make(database, When("0 9 * * MON")), datetime(2026, 3, 2, 9, tzinfo=UTC)
    clock.now = due - timedelta(seconds=1)
    assert tick(database) == 0
    for seconds in (0, 0.5, 60, 299.9):
        clock.now = due + timedelta(seconds=seconds)
        tick(database)
    [job] = asked(database)
    assert job.args == {"agent_id": agent.id}
    with database.read() as session:
        assert timing.upcoming(schedule(database, agent), clock.now)[0] == due + timedelta(days=7)
        assert queries.agent(session, agent.name).schedule == f"agent-harbour-desk-{agent.id[-6:]}"


@pytest.mark.parametrize(("missed", "count"), [("run_once", 1), ("skip", 0), ("all", 3)])
def test_missed_times_by_each_rule(database: Database, clock: Clock, missed: str, count: int) -> None:
    make(database, When("0 * * * *", "UTC", missed))
    clock.now = datetime(2026, 3, 2, 11, 30, tzinfo=UTC)  # 9, 10 and 11 o'clock have passed
    assert tick(database) == count
    assert len(asked(database)) == count
    clock.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    end_jobs(database)
    assert tick(database) == 1


def test_two_schedulers_and_the_safety_net_fire_once(either_database: Database) -> None:
    agent = make(either_database, When("* * * * *", missed="all"))
    with either_database.transaction() as session:
        recurring.get(session, queries.agent(session, agent.id).schedule).next_at -= timedelta(minutes=5)
    body, together = declaration.find("agents.process_schedules"), threading.Barrier(6)
    assert body.role == "editor"

    def one(_: int) -> None:
        together.wait(30)
        tick(either_database)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(6)))
    with either_database.transaction() as session:
        service.pause(session, ADA, agent.id)
    keys = [job.unique_key for job in asked(either_database)]
    assert len(keys) == len(set(keys))
    assert 5 <= len(keys) <= 7


def test_the_safety_net_fires_what_nobody_fired(database: Database, clock: Clock) -> None:
    from tests.agents.conftest import ask, result

    make(database, When("0 9 * * *"))
    clock.now = datetime(2026, 3, 2, 9, 3, tzinfo=UTC)
    first = result(database, ask(database, "agents.process_schedules"))
    assert first["agents_triggered"] == 1
    assert result(database, ask(database, "agents.process_schedules"))["agents_triggered"] == 0
    assert len(asked(database)) == 1
    assert "agents.process_schedules" in {row.task for row in pipeline.planned()}


def test_a_due_time_makes_one_run_that_names_it(database: Database, clock: Clock) -> None:
    shelved(database, "Herons return to the marsh of Orne", HERONS)
    agent = make(database, When("0 9 * * *"))
    clock.now = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
    tick(database)
    finish(database)
    [run] = runs(database, agent)
    assert (run.why, run.due_at, run.state) == ("schedule", datetime(2026, 3, 2, 9, tzinfo=UTC), "written")
    assert run.asked_by.startswith("the schedule agent-harbour-desk")
    again = AgentRun(
        agent_id=agent.id,
        why="schedule",
        state="nothing",
        job_id="j",
        due_at=run.due_at,
        asked_by="x",
        began_at=clock.now,
    )
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        session.add(again)


def test_what_a_person_changed_on_the_page_of_schedules_stays(database: Database) -> None:
    agent, task = make(database, ZURICH), declaration.find(timing.TASK)
    with database.transaction() as session:
        recurring.change(session, agent.schedule, task, "Bea", {"cron": "15 7 * * *"})
        recurring.disable(session, agent.schedule, "Bea")
        service.change(session, ADA, agent.id, {"tone": "dry"})
        service.pause(session, ADA, agent.id)
        service.resume(session, ADA, agent.id)
        pipeline.install_schedules(session)
    found = schedule(database, agent)
    assert found
    assert (found.cron, found.timezone, found.is_enabled) == ("15 7 * * *", "Europe/Zurich", False)
    with database.transaction() as session:
        recurring.remove(session, agent.schedule)
    assert schedule(database, agent) is None
    with database.transaction() as session:
        service.change(session, ADA, agent.id, {}, When("@daily"))
    assert schedule(database, agent)


def test_its_schedule_rests_and_goes_with_it(database: Database) -> None:
    agent = make(database, ZURICH)
    for deed, enabled in ((service.pause, False), (service.resume, True)):
        with database.transaction() as session:
            deed(session, ADA, agent.id)
        found = schedule(database, agent)
        assert found
        assert found.is_enabled is enabled
    with database.transaction() as session:
        service.change(session, ADA, agent.id, {}, When())
    assert schedule(database, agent) is None
    with database.transaction() as session:
        service.change(session, ADA, agent.id, {}, ZURICH)
        service.remove(session, ADA, agent.id)
        assert session.scalars(sa.select(Schedule).where(Schedule.task == timing.TASK)).all() == []


@pytest.mark.parametrize("expression", ["0 9 * * MON", "0 */4 * * *", "0 0 * * *", "0 9 * * 1-5"])
def test_the_usual_expressions_are_read(expression: str) -> None:
    assert timing.check(When(expression)).cron == expression


@pytest.mark.parametrize(("cron", "zone"), [("0 25 * * *", "UTC"), ("0 9 * *", "UTC"), ("0 9 * * *", "Mars/Olympus")])
def test_a_timetable_that_cannot_be_is_refused_with_the_agent(database: Database, cron: str, zone: str) -> None:
    with pytest.raises(TimetableInvalid):
        make(database, When(cron, zone))
    with database.read() as session:
        assert list(queries.agents(session)) == []
    assert db.utc_now()
