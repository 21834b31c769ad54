"""One deed for many jobs: to cancel them, run them again, change their priority, settle or mend them.

It goes through them by id, a few hundred in a transaction, so that nobody waits long for the database.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.errors import Rejected
from stonehand.jobs import declaration, outbox, service
from stonehand.jobs.desk import filters, parameters, steering
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.errors import JobBusy
from stonehand.jobs.models import Job
from stonehand.jobs.states import UNFINISHED, WAITING, State

TASK = "jobs.bulk"
CHUNK = 200  # jobs in one transaction
AT_ONCE = 200  # as many are done while the person waits; more become a job


class DeedUnknown(Rejected):
    """There is no such deed for many jobs."""


class FilterTooWide(Rejected):
    """A deed for many jobs must say which."""


@dataclass(frozen=True)
class Deed:
    """What is done. `value` is a priority, a reason, or changed arguments as JSON; `by` is the name of who asked."""

    verb: str
    value: str = ""
    by: str = ""

    def check(self) -> None:
        """Raise an error that says what is wrong with it, if anything is."""
        if self.verb not in VERBS:
            raise DeedUnknown(f"{self.verb!r} cannot be done to many jobs; choose from {', '.join(VERBS)}")
        if self.verb == "prioritise":
            steering.check_priority(int(self.value) if self.value.isdecimal() else -1)
        if self.verb == "resolve" and not self.value.strip():
            raise steering.ReasonMissing("say in a few words why, for those who look at it later")


@dataclass(frozen=True)
class Part:
    """What one step has done: up to which id it looked, and how many jobs it changed. `last` is empty at the end."""

    last: str
    changed: int


def meant(wish: Filter, verb: str) -> Filter:
    """The jobs that the filter finds and to which this can be done.

    What needs a person's look is never run again by the hundred, and what was cancelled only if the filter says so.
    """
    possible = POSSIBLE[verb]
    if verb == "retry" and State.CANCELLED in wish.states:
        possible = (*possible, State.CANCELLED)
    states = tuple(state for state in possible if not wish.states or state in wish.states)
    return replace(wish, states=states)


def count(session: Session, wish: Filter, verb: str) -> int:
    """To how many jobs it would be done now."""
    found = meant(wish, verb)
    return sum(filters.counts(session, found).values()) if found.states else 0


def ask(session: Session, wish: Filter, deed: Deed) -> str:
    """Ask for a job that does it to all of them, and shows how far it is. Returns its id."""
    edge = wish if wish.last else replace(wish, last=filters.newest(session))
    args = {"verb": deed.verb, "value": deed.value, "by": deed.by, "which": json.dumps(edge.stored())}
    (job_id,) = outbox.insert_all(session, [(declaration.find(TASK), args, {"asked_by": deed.by})])
    return job_id


def step(session: Session, wish: Filter, deed: Deed, after: str = "") -> Part:
    """Do it to the next few hundred jobs after this id."""
    found = meant(wish, deed.verb)
    if not found.states:
        return Part("", 0)
    chosen = sa.select(Job.id).where(*found.conditions(), Job.id > after, Job.task != TASK)
    ids = session.scalars(chosen.order_by(Job.id).limit(CHUNK)).all()
    changed = VERBS[deed.verb](session, ids, deed) if ids else 0
    return Part(ids[-1] if len(ids) == CHUNK else "", changed)


def _cancel(session: Session, ids: Sequence[str], _deed: Deed) -> int:
    moment = now(session)
    waiting = sa.update(Job).where(Job.id.in_(ids), Job.state.in_(WAITING))
    stopped = {"state": State.CANCELLED, "finished_at": moment, "cancel_requested_at": moment}
    running = sa.update(Job).where(Job.id.in_(ids), Job.state == State.EXECUTING, Job.cancel_requested_at.is_(None))
    return _changed(session, waiting, stopped) + _changed(session, running, {"cancel_requested_at": moment})


def _prioritise(session: Session, ids: Sequence[str], deed: Deed) -> int:
    waiting = sa.update(Job).where(Job.id.in_(ids), Job.state.in_(WAITING), Job.priority != int(deed.value))
    return _changed(session, waiting, {"priority": int(deed.value)})


def _resolve(session: Session, ids: Sequence[str], deed: Deed) -> int:
    dead = sa.update(Job).where(Job.id.in_(ids), Job.state == State.DISCARDED)
    return _changed(session, dead, steering.resolved(session, deed.by, deed.value))


def _changed(session: Session, statement: sa.Update, values: dict[str, Any]) -> int:
    quick = statement.values(**values).returning(Job.id).execution_options(synchronize_session=False)
    return len(session.scalars(quick).all())


def _retry(session: Session, ids: Sequence[str], _deed: Deed) -> int:
    wanted = _once_each(session, ids)
    try:
        with session.begin_nested():
            return service.retry_these(session, wanted)
    except sa.exc.IntegrityError:  # somebody asked for the same work in this very moment
        return sum(_retry_one(session, job_id) for job_id in wanted)


def _retry_one(session: Session, job_id: str) -> bool:
    with suppress(JobBusy):
        service.retry(session, job_id)
        return True
    return False


def _once_each(session: Session, ids: Sequence[str]) -> list[str]:
    """Of those that do the same work the newest, and none whose work another job does already."""
    keys = dict(session.execute(sa.select(Job.id, Job.unique_key).where(Job.id.in_(ids))).all())
    wanted = [key for key in keys.values() if key]
    at_work = sa.select(Job.unique_key).where(Job.unique_key.in_(wanted), Job.state.in_(UNFINISHED))
    busy = set(session.scalars(at_work.where(Job.id.not_in(ids))))
    newest = {key or job_id: job_id for job_id, key in sorted(keys.items())}
    return [job_id for key, job_id in newest.items() if key not in busy]


def _mend(session: Session, ids: Sequence[str], deed: Deed) -> int:
    changes = json.loads(deed.value)
    rows = session.execute(sa.select(Job.id, Job.task, Job.args).where(Job.id.in_(ids), Job.state == State.DISCARDED))
    mended = []
    for job_id, name, args in rows:
        task = declaration.find(name)
        fitting = parameters.fitting(task, {**args, **changes})
        mended.append({"id": job_id, "args": fitting, "version": task.version, "unique_key": None})
    if mended:
        session.execute(sa.update(Job), mended)
    return service.retry_these(session, [row["id"] for row in mended])


VERBS: dict[str, Callable[[Session, Sequence[str], Deed], int]] = {
    "cancel": _cancel,
    "retry": _retry,
    "prioritise": _prioritise,
    "resolve": _resolve,
    "mend": _mend,
}
POSSIBLE: dict[str, tuple[State, ...]] = {
    "cancel": UNFINISHED,
    "retry": (State.RETRYABLE, State.DISCARDED),
    "prioritise": WAITING,
    "resolve": (State.DISCARDED,),
    "mend": (State.DISCARDED,),
}
