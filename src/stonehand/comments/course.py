"""How a process comes to its end: it is stopped, has done all that it was to do, or cannot go on.

Its comments stay where they are, and are taken up after its next start.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.comments import queries, stages
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import OPEN, ProcessState
from stonehand.db import Session
from stonehand.jobs import stopping

GRACE = timedelta(seconds=5)  # for jobs that were asked to stop; then they are taken away
CHECK = "comments.check_timeouts"


def end(session: Session, process: CommentProcess, state: ProcessState, reason: str) -> None:
    """Let nothing of it begin any more; whoever still works is asked to stop, and is taken away soon if it does not."""
    working = stages.stop(session, process.id)
    moment = db.now(session)
    process.state, process.reason, process.next_look_at = state, reason, None
    process.updated_at = process.ended_at = moment
    if working:
        key = f"{CHECK}:{process.id}"
        jobs.enqueue(session, CHECK, {}, unique_key=key, run_at=moment + GRACE)
    elif state == ProcessState.STOPPING:
        process.state = ProcessState.STOPPED


def take_away(session: Session, process_id: str, at_once: bool = False) -> int:
    """End jobs of a process that does not run and that were asked to stop long enough ago. Returns how many."""
    before = db.now(session) - (GRACE * 0 if at_once else GRACE)
    return stopping.take_away(session, stages.owner(process_id), stages.STOPPABLE, before)


def settle(session: Session, process: CommentProcess) -> None:
    """After a job of it has ended: a process that was told to stop has stopped once nothing works for it any more, and
    one that was to look once is complete once no comment of it is open. Hold the process.
    """
    if process.state == ProcessState.STOPPING and not stages.at_work(session, process.id):
        process.state, process.updated_at = ProcessState.STOPPED, db.now(session)
    is_looking = process.next_look_at is not None
    if (
        process.state == ProcessState.RUNNING
        and process.looks_once
        and not is_looking
        and not _is_open(session, process)
    ):
        end(session, process, ProcessState.COMPLETED, "")


def settle_id(session: Session, process_id: str) -> None:
    """The same, where nobody holds the process yet."""
    process = queries.held(session, process_id)
    if process is not None:
        settle(session, process)


def _is_open(session: Session, process: CommentProcess) -> bool:
    mine = sa.exists().where(Comment.process_id == process.id, Comment.state.in_(OPEN))
    return bool(session.scalar(sa.select(mine)))
