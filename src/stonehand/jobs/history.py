"""What is remembered of tries that did not complete."""

from __future__ import annotations

import traceback
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session, new_id
from stonehand.jobs.held import Held
from stonehand.jobs.models import Attempt, Job

LONGEST = 4000  # characters of a traceback
FRAMES = 8  # the innermost of each error: of an error that came through many libraries, formatting all takes longest


@dataclass(frozen=True)
class Tried:
    """A try of a job, by whom and when."""

    held: Held
    worker: str
    began: datetime | None
    ended: datetime


def starts(session: Session, job_ids: Collection[str]) -> dict[str, datetime]:
    """When the present try of each job began, by its id."""
    rows = session.execute(sa.select(Job.id, Job.started_at).where(Job.id.in_(job_ids)))
    return {job_id: began for job_id, began in rows if began}


def remember(session: Session, tried: Tried, outcome: str, error: BaseException) -> None:
    """Keep one failed try, without secrets."""
    trace = "".join(traceback.format_exception(error, limit=-FRAMES))
    session.add(
        Attempt(
            id=new_id(),
            job_id=tried.held.id,
            fence=tried.held.fence,
            worker=tried.worker,
            outcome=outcome,
            error_kind=type(error).__name__,
            error=describe(error),
            detail=_storable(str(log.redact(trace[-LONGEST:]))),
            started_at=tried.began,
            ended_at=tried.ended,
        )
    )


def describe(error: BaseException) -> str:
    """The error in words, without secrets."""
    try:
        words = str(error)
    except Exception:  # an error may be too broken to say what it is
        words = ""
    words = words[: 2 * LONGEST]  # first, since looking for secrets in megabytes takes longer than a lease
    return _storable(str(log.redact(words or type(error).__name__))[:LONGEST])


def _storable(text: str) -> str:
    """The text without what a database refuses to keep: NUL, and halves of letters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
