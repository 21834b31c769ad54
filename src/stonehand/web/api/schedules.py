"""Schedules: what comes again and when, its history, and changing it while everything runs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from stonehand import db, pipeline
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import declaration
from stonehand.jobs.clock import recurring
from stonehand.jobs.clock import schedule_queries as queries
from stonehand.jobs.clock.schedule_schemas import (
    RunOut,
    ScheduleChange,
    ScheduleIn,
    ScheduleOut,
    TimetableIn,
    TimetableOut,
)
from stonehand.jobs.declaration import Task
from stonehand.jobs.schemas import EARLIEST, LATEST
from stonehand.web.api.contract import ById, JobRef, Limit, Page, problems, whole
from stonehand.web.deps import Publisher, Reader

router = APIRouter(tags=["schedules"])
Until = Annotated[
    AwareDatetime | None, Query(ge=EARLIEST, le=LATEST, description="`next` of the part before; none for the first.")
]


@router.get("/schedules", summary="Every schedule, in words, with its next and its last run")
def listing(person: Reader) -> Page[ScheduleOut]:
    """Those that people made first."""
    with db.database().read() as session:
        moment = db.now(session)
        return whole([ScheduleOut.of(each, moment) for each in queries.listing(session)])


@router.post("/schedules", status_code=201, responses=problems(409), summary="Make a schedule of your own")
def create(wish: ScheduleIn, person: Publisher) -> ScheduleOut:
    """For any task that you may start by hand."""
    task = recurring.startable(wish.task)
    person.require(recurring.permission(task))
    values = wish.model_dump(exclude={"name", "task", "enabled"}) | {"every_seconds": wish.every_seconds or 0}
    with db.database().transaction() as session:
        recurring.create(session, wish.name, task, person.name, values)
        if not wish.enabled:
            recurring.disable(session, wish.name, person.name)
        accounts.record(session, person, "added", "schedule", wish.name, wish.model_dump(mode="json"))
        return _out(session, wish.name)


@router.post("/schedules/preview", summary="A timetable in words, and its next five times")
def preview(wish: TimetableIn, person: Publisher) -> TimetableOut:
    """Nothing is saved."""
    table = wish.table()
    with db.database().read() as session:
        return TimetableOut.of(table, db.now(session))


@router.get("/schedules/{name}", responses=problems(404), summary="One schedule")
def one(name: ById, person: Reader) -> ScheduleOut:
    """With its next five runs, and the last one."""
    with db.database().read() as session:
        return _out(session, name)


@router.patch("/schedules/{name}", responses=problems(404), summary="Change a schedule, or switch it on or off")
def change(name: ById, wish: ScheduleChange, person: Publisher) -> ScheduleOut:
    """It counts at once. One of the pipeline's that was changed stays as you made it, also after an upgrade."""
    task, values = task_of(person, name), wish.model_dump(exclude_none=True, exclude={"enabled"})
    with db.database().transaction() as session:
        if values:
            recurring.change(session, name, task, person.name, values)
        if wish.enabled is not None:
            (recurring.enable if wish.enabled else recurring.disable)(session, name, person.name)
        accounts.record(session, person, "changed", "schedule", name, wish.model_dump(exclude_none=True))
        return _out(session, name)


@router.delete("/schedules/{name}", status_code=204, responses=problems(404, 409), summary="Forget a schedule")
def remove(name: ById, person: Publisher) -> None:
    """And its history. One of the pipeline's can only be switched off."""
    task_of(person, name)
    with db.database().transaction() as session:
        recurring.remove(session, name)
        accounts.record(session, person, "removed", "schedule", name)


@router.post("/schedules/{name}/run", status_code=202, responses=problems(404, 409), summary="Run it now")
def run(name: ById, person: Publisher) -> JobRef:
    """Whatever its timetable says, but not while the run before is still working."""
    task_of(person, name)
    with db.database().transaction() as session:
        job_id = recurring.run_now(session, name, person.name)
        accounts.record(session, person, "ran", "schedule", name, {"job_id": job_id})
        return JobRef(job_id=job_id, detail="it runs as soon as a worker is free")


@router.post("/schedules/{name}/reset", responses=problems(404, 409), summary="Give an edited schedule back")
def reset(name: ById, person: Publisher) -> ScheduleOut:
    """It comes again as the pipeline's table says."""
    task_of(person, name)
    with db.database().transaction() as session:
        recurring.reset(session, name, pipeline.planned())
        accounts.record(session, person, "reset", "schedule", name)
        return _out(session, name)


@router.get("/schedules/{name}/history", responses=problems(404), summary="What became of its due times")
def history(name: ById, person: Reader, before: Until = None, limit: Limit = 50) -> Page[RunOut]:
    """The latest first, for 30 days."""
    with db.database().read() as session:
        recurring.get(session, name)
        found = [RunOut.of(each) for each in queries.history(session, name, before, limit + 1)]
    following = cursor(found[limit - 1].due_at) if len(found) > limit else None
    return Page(items=found[:limit], next=following, limit=limit)


def cursor(moment: datetime) -> str:
    """A moment as an address can carry it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def task_of(person: Person, name: str) -> Task:
    """The task of a schedule. Raises unless `person` may change its schedules. It may load a room: no transaction."""
    with db.database().read() as session:
        wanted = recurring.get(session, name).task
    task = declaration.find(wanted)
    person.require(recurring.permission(task))
    return task


def _out(session: Session, name: str) -> ScheduleOut:
    session.flush()
    recurring.get(session, name)
    return ScheduleOut.of(queries.listing(session, name)[0], db.now(session))
