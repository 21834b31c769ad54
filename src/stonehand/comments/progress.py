"""How far processes are, stage by stage: of many in as many questions as of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from stonehand.comments import stages
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.schemas import PipelineStatus, StageStatus
from stonehand.comments.states import CommentState, ProcessState, Stage
from stonehand.db import Session
from stonehand.jobs.models import Job
from stonehand.jobs.states import State

Counts = dict[str, int]


@dataclass
class _Found:
    """What was asked about some processes, by their ids and what else tells it apart."""

    states: Mapping[str, Counts]
    failed: Mapping[tuple[str, str], int]
    working: Mapping[tuple[str, str], int]
    job_ids: Mapping[tuple[str, Stage], str | None]
    job_states: Mapping[str, str] = field(default_factory=dict)


def statuses(session: Session, processes: Sequence[CommentProcess]) -> dict[str, PipelineStatus]:
    """How far each of them is, by its id."""
    ids = [each.id for each in processes]
    jobs = _job_ids(session, processes)
    found = _Found(
        by_state(session, ids), _failed(session, ids), _working(session, ids), jobs, _states(session, jobs.values())
    )
    return {each.id: _status(each, found) for each in processes}


def by_state(session: Session, ids: Sequence[str]) -> dict[str, Counts]:
    """How many comments of each of these processes are in each state."""
    told = {each: {state.value: 0 for state in CommentState} for each in ids}
    mine = sa.select(Comment.process_id, Comment.state, sa.func.count()).where(Comment.process_id.in_(ids))
    for process_id, state, count in session.execute(mine.group_by(Comment.process_id, Comment.state)):
        told[process_id][str(state)] = int(count)
    return told


def _failed(session: Session, ids: Sequence[str]) -> dict[tuple[str, str], int]:
    of = Comment.process_id, Comment.failed_at_stage
    mine = sa.select(*of, sa.func.count()).where(of[0].in_(ids), Comment.state == CommentState.FAILED)
    return {(process_id, stage): int(count) for process_id, stage, count in session.execute(mine.group_by(*of))}


def _working(session: Session, ids: Sequence[str]) -> dict[tuple[str, str], int]:
    """By owner and task."""
    owners = [stages.owner(each) for each in ids]
    of = Job.fair_key, Job.task
    mine = sa.select(*of, sa.func.count()).where(Job.fair_key.in_(owners), Job.state == State.EXECUTING)
    return {(owner, task): int(count) for owner, task, count in session.execute(mine.group_by(*of))}


def _job_ids(session: Session, processes: Sequence[CommentProcess]) -> dict[tuple[str, Stage], str | None]:
    """The latest job of each stage: its pass, or of sending the last one that took a comment up."""
    ids = [each.id for each in processes]
    sent = sa.select(Comment.process_id, sa.func.max(Comment.job_id)).where(
        Comment.process_id.in_(ids), Comment.begun_at.is_not(None)
    )
    last = dict(session.execute(sent.group_by(Comment.process_id)).all())
    told = {(each.id, stage): getattr(each, stages.COLUMNS[stage]) for each in processes for stage in Stage}
    for each in ids:
        key = each, Stage.POSTING
        told[key] = max(told[key] or "", last.get(each) or "") or None
    return told


def _states(session: Session, job_ids: Iterable[str | None]) -> dict[str, str]:
    wanted = [each for each in job_ids if each]
    return dict(session.execute(sa.select(Job.id, Job.state).where(Job.id.in_(wanted))).all())


def _status(process: CommentProcess, found: _Found) -> PipelineStatus:
    return PipelineStatus(
        process_id=process.id,
        state=ProcessState(process.state),
        reason=process.reason,
        trouble=process.trouble,
        next_look_at=process.next_look_at,
        stages=[_stage(process, stage, found) for stage in Stage],
        counts=found.states[process.id],
        total=sum(found.states[process.id].values()),
    )


def _stage(process: CommentProcess, stage: Stage, found: _Found) -> StageStatus:
    job_id = found.job_ids[process.id, stage]
    task = stages.JOBS.get(stage, stages.PASSES[stage])
    return StageStatus(
        stage=stage,
        waiting=sum(found.states[process.id][state] for state in stages.STATES.get(stage, ())),
        at_work=found.working.get((stages.owner(process.id), task), 0),
        failed=found.failed.get((process.id, stage.value), 0),
        job_id=job_id if job_id in found.job_states else getattr(process, stages.COLUMNS[stage]),
        job_state=found.job_states.get(job_id or ""),
    )
