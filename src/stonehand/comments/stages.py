"""Asking for the work of a process: a pass of each of the four stages, and one job for each comment.

All jobs of a process carry its fair key, so that processes take turns and one can be paused or stopped as a whole.
Unique keys see to it that nothing is asked for twice while it waits or runs. What reads and writes at a site does so
one at a time, in the lane of its platform: two would only wait for each other's turns.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from stonehand import jobs
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import CommentState, Stage
from stonehand.db import Session
from stonehand.jobs import declaration, outbox, stopping
from stonehand.jobs import queries as job_queries
from stonehand.jobs.models import Job
from stonehand.jobs.states import UNFINISHED

PASSES = {
    Stage.DISCOVERY: "comments.discover",
    Stage.PREPARATION: "comments.prepare",
    Stage.GENERATION: "comments.generate",
    Stage.POSTING: "comments.post",
}
WRITE, SEND = "comments.write", "comments.send"
JOBS = {Stage.GENERATION: WRITE, Stage.POSTING: SEND}
"""The stages in which each comment has a job of its own."""
STOPPABLE = (PASSES[Stage.DISCOVERY], PASSES[Stage.PREPARATION], PASSES[Stage.GENERATION], WRITE)
"""What ends with its process. What a person has approved is sent all the same."""
STATES = {
    Stage.PREPARATION: (CommentState.DISCOVERED,),
    Stage.GENERATION: (CommentState.PREPARED,),
    Stage.POSTING: (CommentState.APPROVED, CommentState.POSTING),
}
COLUMNS = {stage: f"{stage.value}_job_id" for stage in Stage}


def owner(process_id: str) -> str:
    """Whose work it is."""
    return f"process:{process_id}"


def pass_key(stage: Stage, process_id: str) -> str:
    """The unique key of a stage's pass."""
    return f"{PASSES[stage]}:{process_id}"


def ask(session: Session, process: CommentProcess, stage: Stage, by: str = "") -> str:
    """Ask for a pass, unless one waits or works. Returns the id of the one that does. Hold the process.

    It looks first: the insertion would wait for whoever renews the lease of a pass that works, who may wait for us.
    """
    key = pass_key(stage, process.id)
    working = job_queries.unfinished_as(session, key)
    if working:
        return working.id
    args, of_whom = {"process_id": process.id}, owner(process.id)
    args |= {"platform_id": process.platform_id} if stage == Stage.PREPARATION else {}
    asked = jobs.enqueue(session, PASSES[stage], args, unique_key=key, fair_key=of_whom, asked_by=by[:120] or None)
    setattr(process, COLUMNS[stage], asked)
    return asked or ""


def ask_each(session: Session, process_id: str, stage: Stage, comment_ids: Iterable[str]) -> list[str]:
    """Ask for a job for each of these comments that has none. Returns the ids of those that are new."""
    task = declaration.find(JOBS[stage])
    of_whom = {"fair_key": owner(process_id)}
    where = {"platform_id": session.get_one(CommentProcess, process_id).platform_id} if stage == Stage.POSTING else {}
    return outbox.insert_all(
        session,
        [
            (task, {"comment_id": each, **where}, {**of_whom, "unique_key": f"{task.name}:{each}"})
            for each in comment_ids
        ],
    )


def stop(session: Session, process_id: str) -> int:
    """End what works for a process, but for the sending. Returns how many jobs have yet to hear of it."""
    return stopping.stop(session, owner(process_id), STOPPABLE)


def at_work(session: Session, process_id: str) -> int:
    """How many of its jobs run now, but for the sending."""
    return stopping.at_work(session, owner(process_id), STOPPABLE)


def jobless(stage: Stage) -> sa.ColumnElement[bool]:
    """Of comments that wait for this stage: those without a job that waits or works."""
    key = sa.literal(f"{JOBS[stage]}:") + Comment.id
    working = sa.exists().where(Job.unique_key == key, Job.state.in_(UNFINISHED))
    return sa.and_(Comment.state.in_(STATES[stage]), ~working)
