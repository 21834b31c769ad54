"""Celery clients of older installations: whom they speak for, and what becomes of their calls."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from stonehand import config, db, formerly
from stonehand.accounts import permissions, queries
from stonehand.accounts import service as accounts
from stonehand.accounts.models import User
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.errors import Forbidden
from stonehand.jobs import queries as job_queries
from stonehand.jobs import service as job_service
from stonehand.jobs.broker import calling
from stonehand.jobs.broker.calling import Caller
from stonehand.jobs.broker.hearing import Message
from stonehand.jobs.errors import JobBusy, JobNotFound
from stonehand.jobs.states import State

URGENT = "priority"  # the queue of what should run first
MOST_URGENT = 9


class CallerUnknown(Forbidden):
    """A Celery client names somebody who has no account."""


def names() -> list[str]:
    """By which tasks can be called."""
    return [name for former in formerly.TASKS for name in former.names]


def receive(message: Message) -> None:
    """Turn a call into a job, in the name of who sent it. Raises what `calling` raises, and `CallerUnknown`."""
    wish = calling.understand(message.name, message.args, message.kwargs, _priority(message))
    with db.database().transaction() as session:
        if calling.is_known(session, message.id):
            return  # the message came twice
        person = _person(session, message.user_id)
        job = calling.ask(session, wish, Caller(f"{person.name}, by Celery", person.may), message.id)
        accounts.record(session, person, "asked for", "job", job.id, {"task": wish.task.name, "called": message.name})


def revoke(ids: Sequence[str], terminate: bool) -> None:
    """Cancel these jobs, those that run only to `terminate` them. Raises `Forbidden`.

    Every worker hears of it, so it is done by whoever comes first. A worker hears in its main process, whose
    connections its children must not share: they last as long as this does.
    """
    database = db.Database(config.settings().database)
    try:
        for job_id in ids:
            with suppress(JobNotFound, JobBusy), database.transaction() as session:
                _revoke(session, job_id, terminate)
    finally:
        database.close()


def _revoke(session: Session, job_id: str, terminate: bool) -> None:
    person, job = _person(session, None), job_queries.job(session, job_id)
    person.require("edit")
    if job.cancel_requested_at is None and (terminate or job.state != State.EXECUTING):
        job_service.cancel(session, job.id)
        accounts.record(session, person, "cancelled", "job", job.id, {"by": "Celery's revoke"})


def _priority(message: Message) -> int | None:
    if message.queue == URGENT:
        return MOST_URGENT
    return min(message.priority, MOST_URGENT) if message.priority else None


def _person(session: Session, user_id: str | None) -> Person:
    if user_id is None:
        role = config.settings().celery_client_role
        return Person("", "", f"a Celery client ({role})", role, permissions.granted(role))
    user = queries.user_by_email(session, user_id) if "@" in user_id else session.get(User, user_id)
    if user is None or not user.is_active:
        raise CallerUnknown(f"there is no active user {user_id}; name one by id or e-mail address, or nobody")
    return queries.person(user)
