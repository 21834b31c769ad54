"""What an attempt logged: its last lines, kept with its jobs when it settles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Database, Session, insert
from stonehand.errors import StonehandError
from stonehand.jobs.held import Held
from stonehand.jobs.models import Job, JobLog

MOST = 100  # lines of an attempt
MOST_EACH = 20  # lines for each of several jobs that are held together
LONGEST = 500  # characters of a value in a line
Lines = Sequence[log.Line]


def keep(database: Database, held: Sequence[Held], lines: Lines) -> None:
    """Keep what was logged with each job. An attempt that logged nothing leaves nothing; a log is never worth a job."""
    if not lines:
        return
    try:
        with database.transaction(durable=False) as session:
            _write(session, held, lines)
    except (StonehandError, sa.exc.IntegrityError) as error:
        log.logger(__name__).warning("cannot keep what was logged", job=held[0].id, error=str(error))


def _write(session: Session, held: Sequence[Held], lines: Lines) -> None:
    ids = {job.id for job in held}
    known = set(session.scalars(sa.select(Job.id).where(Job.id.in_(ids))))
    rows = [
        {"job_id": job.id, "fence": job.fence, "lines": mine}
        for job in held
        if job.id in known and (mine := _about(job, held, lines))
    ]
    if rows:
        session.execute(insert(session, JobLog).on_conflict_do_nothing(), rows)


def _about(job: Held, held: Sequence[Held], lines: Lines) -> list[dict[str, Any]]:
    """The lines about this job: those that name it, and those that the attempt says of all its jobs."""
    ours = {each.id for each in held[1:]}
    mine = [line for line in lines if line.get("job") == job.id or line.get("job") not in ours]
    return [_short(line) for line in mine[-(MOST if len(held) == 1 else MOST_EACH) :]]


def _short(line: log.Line) -> dict[str, Any]:
    """A line without what its job says already, and without what a database refuses to keep."""
    return {
        name: value[:LONGEST].replace("\0", "").encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in line.items()
        if name not in ("job", "task", "fence") and value is not None
    }


def of(session: Session, job_id: str, limit: int = 20) -> Sequence[JobLog]:
    """What the last attempts at a job logged, the newest first."""
    mine = sa.select(JobLog).where(JobLog.job_id == job_id)
    return session.scalars(mine.order_by(JobLog.fence.desc()).limit(limit)).all()
