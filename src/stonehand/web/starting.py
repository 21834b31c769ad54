"""Work that a person starts by hand: whether they may, and whether what they name is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from stonehand import db, leftovers
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.errors import Rejected
from stonehand.jobs import declaration, dependencies, outbox, queries
from stonehand.jobs.declaration import Task
from stonehand.jobs.dependencies import Step
from stonehand.jobs.desk import bulk, parameters
from stonehand.jobs.desk.bulk import Deed
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.schemas import JobIn
from stonehand.web.pages import subjects


class ThingUnknown(Rejected):
    """An argument names something that is not there."""


class CountChanged(Rejected):
    """The filter finds other jobs than those that were shown."""


def check(person: Person, wish: JobIn) -> Task:
    """The task that is wished for. Raises `TaskUnknown`, `TaskForbidden`, `ArgumentsUnfit`. Opens no transaction."""
    task = declaration.find(wish.task)
    needed = parameters.permission(task)
    if needed is None or not person.may(needed):
        raise parameters.forbidden(task)
    parameters.fitting(task, wish.args)
    return task


def check_things(session: Session, args: Mapping[str, Any]) -> None:
    """Raise `ThingUnknown` for an id of something that is not there."""
    for name in subjects.missing(session, args):
        what = name.removesuffix("_id").replace("_", " ")
        raise ThingUnknown(f"there is no {what} {str(args[name])[:64]}; look up its id, it may have been removed")


def start(session: Session, person: Person, task: Task, wish: JobIn) -> str:
    """Ask for one job in a person's name. Returns its id."""
    check_things(session, wish.args)
    (job_id,) = outbox.insert_all(session, [(task, wish.args, {"run_at": wish.run_at, **_columns(person, wish)})])
    accounts.record(session, person, "asked for", "job", job_id, {"task": wish.task, "args": wish.args})
    return job_id


def rest(person: Person, job_id: str) -> str:
    """Ask in a person's name for the addresses that a job did not bring. Returns the new job's id.

    Raises `JobNotFound`, `NothingLeft`, `TaskForbidden`. Opens transactions of its own.
    """
    with db.database().read() as session:
        job = queries.job(session, job_id)
    wanted = leftovers.task(job)
    needed = parameters.permission(wanted)
    if needed is None or not person.may(needed):
        raise parameters.forbidden(wanted)
    with db.database().transaction() as session:
        made = leftovers.ask(session, queries.job(session, job_id), wanted, person.name)
        accounts.record(session, person, "asked again for the rest of", "job", job_id, {"job": made})
    return made


def chain(session: Session, person: Person, wishes: Sequence[JobIn]) -> list[str]:
    """Ask for jobs that run one after the other. Returns their ids."""
    ids = dependencies.chain(session, [_step(session, person, wish) for wish in wishes])
    return _recorded(session, person, "asked for a chain", ids)


def group(session: Session, person: Person, wishes: Sequence[JobIn], then: JobIn | None) -> list[str]:
    """Ask for jobs that run side by side, and perhaps one after them; its id comes last."""
    steps = [_step(session, person, wish) for wish in wishes]
    ids = dependencies.group(session, steps, _step(session, person, then) if then else None)
    return _recorded(session, person, "asked for a group", ids)


def _recorded(session: Session, person: Person, verb: str, ids: list[str]) -> list[str]:
    accounts.record(session, person, verb, "job", ids[-1], {"jobs": len(ids)})
    return ids


def _step(session: Session, person: Person, wish: JobIn) -> Step:
    if wish.run_at is not None:
        raise Rejected("a job of a chain or group runs when its turn comes; leave out run_at")
    check_things(session, wish.args)
    return Step(wish.task, wish.args, _columns(person, wish))


def _columns(person: Person, wish: JobIn) -> dict[str, Any]:
    return {"asked_by": person.name[:120], "priority": wish.priority}


def many(
    session: Session, person: Person, wish: Filter, deed: Deed, meant: int, expected: int | None = None
) -> tuple[int, str | None]:
    """Do something to every job of a filter, `meant` many: now if they are few, else by a job.

    Returns how many, and the id of the job, if one does it. Raises `CountChanged` if other ones were expected.
    """
    if expected is not None and meant != expected:
        raise CountChanged(f"it would be {meant} jobs now, not {expected}; look again")
    at_once = meant <= bulk.AT_ONCE
    done = bulk.step(session, wish, deed).changed if at_once else meant
    job_id = None if at_once else bulk.ask(session, wish, deed)
    detail = {"filter": wish.stored(), "value": deed.value, "jobs": done}
    accounts.record(session, person, f"{deed.verb} many", "job", job_id or "", detail)
    return done, job_id
