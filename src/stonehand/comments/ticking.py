"""The safety net: whatever a lost job has left behind, in whatever state, is taken up again, and no process runs on
for longer than it may. Stages hand over by themselves; here only what has no job gets one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.comments import course, discovery, queries, stages
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import AT_WORK, CommentState, ProcessState, Stage
from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.jobs.states import DEAD, State
from stonehand.platforms.models import Login, LoginState

MOST = 500  # comments whose lost jobs one tick looks at
LONGEST_ERROR = 500  # characters
Asked = dict[str, int]


def tick(session: Session) -> Asked:
    """Give work to what waits without a job. Returns how many passes of each stage were asked for."""
    _bury(session)
    asked = dict.fromkeys((stage.value for stage in Stage), 0)
    for stage, found in (
        (Stage.DISCOVERY, _due(session)),
        (Stage.PREPARATION, _unprepared(session)),
        (Stage.GENERATION, _running(session, stages.jobless(Stage.GENERATION))),
        (Stage.POSTING, _unsent(session)),
    ):
        for process_id in found:
            asked[stage] += _ask(session, process_id, stage)
    for process_id in _running(session, sa.true(), CommentProcess.looks_once):
        course.settle_id(session, process_id)
    return asked


def look_now(session: Session, process_id: str = "") -> None:
    """Let a process that runs, or all of them, wait no longer for the next look, if there is one to come."""
    waits = CommentProcess.state == ProcessState.RUNNING, CommentProcess.next_look_at.is_not(None)
    which = [CommentProcess.id == process_id] if process_id else []
    session.execute(sa.update(CommentProcess).where(*waits, *which).values(next_look_at=db.now(session)))


def _ask(session: Session, process_id: str, stage: Stage) -> int:
    process = queries.held(session, process_id)
    before = getattr(process, stages.COLUMNS[stage]) if process else None
    return int(process is not None and stages.ask(session, process, stage) != before)


def _running(session: Session, *which: sa.SQLColumnExpression[bool]) -> Sequence[str]:
    """Processes that run and have a comment like this."""
    mine = sa.exists().where(Comment.process_id == CommentProcess.id, which[0])
    wish = sa.select(CommentProcess.id).where(CommentProcess.state == ProcessState.RUNNING, mine, *which[1:])
    return session.scalars(wish.order_by(CommentProcess.id)).all()


def _due(session: Session) -> Sequence[str]:
    _note_dead_looks(session)
    due = sa.select(CommentProcess.id).where(
        CommentProcess.state == ProcessState.RUNNING, CommentProcess.next_look_at <= db.now(session)
    )
    return session.scalars(due.order_by(CommentProcess.id)).all()


def _note_dead_looks(session: Session) -> None:
    """A look that killed its job is one that failed: the next comes later and later."""
    dead = (
        sa.select(CommentProcess.id, Job.error, Job.id)
        .join(Job, Job.id == CommentProcess.discovery_job_id)
        .where(CommentProcess.state == ProcessState.RUNNING, Job.state.in_(DEAD))
    )
    for process_id, error, job_id in session.execute(dead).all():
        discovery.conclude(session, process_id, 0, {f"job {job_id}": error or "it died"})
        process = queries.held(session, process_id)
        if process is not None:
            process.discovery_job_id = None


def _unprepared(session: Session) -> Sequence[str]:
    """Processes with comments that can be prepared: their logins are let in."""
    ready = sa.exists().where(Login.id == Comment.login_id, Login.state == LoginState.READY)
    return _running(session, sa.and_(Comment.state == CommentState.DISCOVERED, ready))


def _unsent(session: Session) -> Sequence[str]:
    """Processes, at work or not, with comments that are to be sent and have no job; but what no person has approved
    waits until its process runs."""
    ready = sa.exists().where(Login.id == Comment.login_id, Login.state == LoginState.READY)
    wish = (
        sa.select(Comment.process_id)
        .join(CommentProcess, CommentProcess.id == Comment.process_id)
        .where(stages.jobless(Stage.POSTING), ready, may_go())
        .distinct()
    )
    return sorted(session.scalars(wish))


def may_go() -> sa.ColumnElement[bool]:
    """Of comments joined with their processes: what was begun, or approved by a person, or by a policy that holds."""
    return sa.or_(
        Comment.state == CommentState.POSTING,
        Comment.approved_by.not_like("policy: %"),
        CommentProcess.state == ProcessState.RUNNING,
    )


def _bury(session: Session) -> None:
    """A comment whose job is dead has failed: asking for the same again would kill again."""
    for stage in (Stage.GENERATION, Stage.POSTING):
        key = sa.literal(f"{stages.JOBS[stage]}:") + Comment.id
        latest = sa.select(sa.func.max(Job.id)).where(Job.unique_key == key).correlate(Comment).scalar_subquery()
        died = (
            sa.select(Comment, Job.error, Job.state)
            .join(Job, Job.id == latest)
            .where(Comment.state.in_(stages.STATES[stage]), Job.state.in_(DEAD), Job.finished_at >= Comment.updated_at)
            .limit(MOST)
        )
        for comment, error, state in session.execute(died).all():
            _fail(session, comment, stage, error or "its job died", State(state))


def _fail(session: Session, comment: Comment, stage: Stage, words: str, state: State) -> None:
    in_doubt = stage == Stage.POSTING and bool(comment.notes.get("sent_at"))
    if in_doubt or state == State.NEEDS_RECONCILE:
        comment.state = CommentState.NEEDS_RECONCILE
        comment.doubt_since = comment.doubt_since or db.now(session)
    else:
        comment.state, comment.failed_at_stage = CommentState.FAILED, stage
    comment.error, comment.updated_at = words[:LONGEST_ERROR], db.now(session)


def check_timeouts(session: Session) -> Asked:
    """End what has run for too long, and see that what was told to end has ended. Returns how many."""
    ended = sum(_ended(session, each) for each in _running_too_long(session))
    taken = 0
    for process_id in _told_to_end(session):
        taken += course.take_away(session, process_id)
        course.settle_id(session, process_id)
    return {"timed_out": ended, "taken_away": taken}


def _running_too_long(session: Session) -> list[str]:
    running = sa.select(CommentProcess).where(CommentProcess.state == ProcessState.RUNNING)
    moment = db.now(session)
    return [each.id for each in session.scalars(running) if _is_over(each, moment)]


def _is_over(process: CommentProcess, moment: datetime) -> bool:
    most = timedelta(minutes=process.max_duration_minutes)
    return process.started_at is not None and process.started_at + most <= moment


def _ended(session: Session, process_id: str) -> bool:
    process = queries.held(session, process_id)
    if process is None or process.state != ProcessState.RUNNING:
        return False
    minutes = process.max_duration_minutes
    words = f"it has run for {minutes} {'minute' if minutes == 1 else 'minutes'}, as long as it may"
    course.end(session, process, ProcessState.TIMED_OUT, words)
    return True


def _told_to_end(session: Session) -> list[str]:
    """Processes that do not run and for which something works all the same."""
    working = sa.select(Job.fair_key).where(Job.task.in_(stages.STOPPABLE), Job.state == State.EXECUTING)
    keys = [key.partition(":")[2] for key in session.scalars(working.distinct())]
    idle = sa.select(CommentProcess.id).where(
        sa.or_(
            CommentProcess.state == ProcessState.STOPPING,
            sa.and_(CommentProcess.id.in_(keys), CommentProcess.state.not_in(AT_WORK)),
        )
    )
    return sorted(session.scalars(idle))
