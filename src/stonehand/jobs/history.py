"""What is remembered of tries that did not complete."""

from __future__ import annotations

import traceback
from datetime import datetime

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session, new_id
from stonehand.jobs.claims import Held
from stonehand.jobs.models import Attempt, Job

LONGEST = 4000  # characters of a traceback


def remember(session: Session, held: Held, worker: str, outcome: str, error: BaseException, moment: datetime) -> None:
    """Keep one failed try, without secrets."""
    trace = "".join(traceback.format_exception(error))
    session.add(
        Attempt(
            id=new_id(),
            job_id=held.id,
            fence=held.fence,
            worker=worker,
            outcome=outcome,
            error_kind=type(error).__name__,
            error=describe(error),
            detail=_storable(str(log.redact(trace[-LONGEST:]))),
            started_at=sa.select(Job.started_at).where(Job.id == held.id).scalar_subquery(),
            ended_at=moment,
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
