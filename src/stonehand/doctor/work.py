"""The work: what should go on and does not, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Session
from stonehand.doctor.findings import Verdict, counted, fine, problem, warning
from stonehand.jobs import queries
from stonehand.jobs.desk import explanation, fingerprints
from stonehand.jobs.models import Job, Schedule
from stonehand.jobs.states import State
from stonehand.limits.models import Breaker

LATE = timedelta(seconds=60)  # a due time that has not fired
LONG_WAIT = timedelta(minutes=10)  # of a ready job
OVERDUE = timedelta(seconds=30)  # a lease that nobody has taken back
SHOWN = 5  # of each kind
LOOKED_AT = 2000  # dead letters


def scheduler() -> list[Verdict]:
    """Whether somebody ticks: due times fire within seconds."""
    with db.database().read() as session:
        moment = db.now(session)
        first = session.scalar(sa.select(Schedule).where(Schedule.is_enabled).order_by(Schedule.next_at).limit(1))
    mend = "stonehand scheduler (or stonehand beat); stonehand start runs one too"
    if first is None:
        return [problem("There is no schedule yet: no scheduler has ever run here.", mend)]
    if first.next_at < moment - LATE:
        late = _ago(moment - first.next_at)
        return [problem(f"No scheduler ticks: {first.name} was due {late} ago and did not fire.", mend)]
    return fine(f"It ticks; next is {first.name}, at {_clock(first.next_at)}.")


def schedules() -> list[Verdict]:
    """Which never fire because somebody has stopped them."""
    with db.database().read() as session:
        stopped = session.scalars(sa.select(Schedule).where(Schedule.is_enabled.is_(False)).order_by(Schedule.name))
        found = [warning(_stopped(each), f"stonehand schedules enable {each.name}") for each in stopped]
    return found or fine("None is switched off.")


def _stopped(schedule: Schedule) -> str:
    by = f" by {schedule.changed_by}" if schedule.changed_by else ""
    return f"{schedule.name} is switched off{by}, so it never fires."


def pauses() -> list[Verdict]:
    """What somebody has paused."""
    with db.database().read() as session:
        found = [
            warning(
                f"{pause.target.replace(':', ' ', 1)} is paused by {pause.by} since {_clock(pause.since)}.",
                _resume(pause.target),
            )
            for pause in queries.pauses(session)
        ]
    return found or fine("Nothing is paused.")


def _resume(target: str) -> str:
    kind, _, name = target.partition(":")
    return f"stonehand queue resume {name}" if kind == "queue" else f"stonehand resume {target}"


def waiting() -> list[Verdict]:
    """Jobs that are ready and wait for too long, queue by queue, with the reason of the oldest."""
    with db.database().read() as session:
        moment = db.now(session)
        found = [
            problem(
                f"In {job.queue}, {job.task} has been ready for {_ago(moment - job.run_at)}. "
                + explanation.why_not_running(session, job),
                f"stonehand why {job.id}",
            )
            for job in _oldest(session, moment)
        ]
    return found or fine(f"No job has been ready for more than {_ago(LONG_WAIT)}.")


def _oldest(session: Session, moment: datetime) -> Sequence[Job]:
    ready = sa.select(sa.func.min(Job.id)).where(Job.state == State.AVAILABLE, Job.run_at < moment - LONG_WAIT)
    return session.scalars(sa.select(Job).where(Job.id.in_(ready.group_by(Job.queue))).order_by(Job.queue)).all()


def leases() -> list[Verdict]:
    """Jobs of dead workers that nobody has taken back."""
    with db.database().read() as session:
        moment = db.now(session)
        lost = sa.select(sa.func.count(), sa.func.min(Job.id)).where(
            Job.state == State.EXECUTING, Job.lease_until < moment - OVERDUE
        )
        count, first = session.execute(lost).one()
    if not count:
        return fine("No lease has run out.")
    words = f"{counted(count, 'job')}, first {first}: held by a worker that no longer says it is alive."
    return [problem(words, "a scheduler takes them back: stonehand scheduler")]


def dead_letters() -> list[Verdict]:
    """Dead letters, by what they died of."""
    with db.database().read() as session:
        dead = sa.select(Job.id, Job.task, Job.error_kind, Job.error).where(Job.state == State.DISCARDED)
        rows = session.execute(dead.order_by(Job.id.desc()).limit(LOOKED_AT)).all()
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for job_id, task, kind, error in rows:
        mark = fingerprints.fingerprint(task, kind, error)
        groups.setdefault(mark, []).append((job_id, task, error or kind or "no reason was given"))
    found = [_group(group) for group in sorted(groups.values(), key=len, reverse=True)[:SHOWN]]
    return found or fine("There is none.")


def _group(group: list[tuple[str, str, str]]) -> Verdict:
    job_id, task, error = group[0]
    return warning(
        f"{counted(len(group), 'dead letter')} of {task}: {error[:200].rstrip('. ')}.",
        f"mend what it says, then: stonehand retry {job_id}",
    )


def unsure() -> list[Verdict]:
    """What may have happened outside."""
    with db.database().read() as session:
        found = session.scalars(sa.select(Job).where(Job.state == State.NEEDS_RECONCILE).limit(SHOWN)).all()
    return [
        warning(
            f"{job.task} may have happened outside: {(job.error or '').rstrip('. ')}.",
            f"look there, then at: stonehand job show {job.id}",
        )
        for job in found
    ] or fine("Nothing is uncertain.")


def breakers() -> list[Verdict]:
    """What outside has failed so often that it is left alone."""
    with db.database().read() as session:
        found = session.scalars(sa.select(Breaker).where(Breaker.state != "CLOSED").order_by(Breaker.name)).all()
    return [warning(_breaker(each), f"stonehand breakers reset {each.name}") for each in found[:SHOWN]] or fine(
        "None is open."
    )


def _breaker(row: Breaker) -> str:
    why = f"{row.held_by} keeps it so" if row.held_by else f"after {row.failures} failures: {row.last_error}"
    return f"{row.name} is {row.state}, {why}."


def _ago(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def _clock(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
