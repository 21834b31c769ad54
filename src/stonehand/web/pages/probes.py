"""Cheap fingerprints of what live pages show; each costs a few index lookups, however much there is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from stonehand.channels.models import Channel
from stonehand.comments.models import Comment, CommentProcess
from stonehand.comments.states import CommentState
from stonehand.db import Session
from stonehand.drafts.models import Draft, Revision
from stonehand.jobs.models import Attempt, Job, Pause, TaskLimit
from stonehand.jobs.queries import count_up_to
from stonehand.jobs.states import State
from stonehand.limits.models import Breaker, Pace
from stonehand.publications.models import Publication
from stonehand.reviews.models import Review
from stonehand.sources.letters.models import Letter
from stonehand.sources.models import Source
from stonehand.stories.models import Story, StoryLock
from stonehand.web import topics

MOST = 1000  # rows counted; beyond, the newest ids tell that something goes on


def jobs(session: Session, _id: str) -> object:
    """Anything that was asked for, moves, ended, failed or was stopped."""
    executing = sa.select(sa.func.count(), sa.func.sum(Job.progress_current), sa.func.sum(Job.fence))
    return (
        _one(session, sa.select(_newest(Job), _newest(Attempt), _latest_end(), _count(Pause))),
        _one(session, executing.where(Job.state == State.EXECUTING)),
        [count_up_to(session, (state,), MOST) for state in (State.AVAILABLE, State.DISCARDED, State.NEEDS_RECONCILE)],
    )


def job(session: Session, job_id: str) -> object:
    """One job: its state, its tries and how far it is."""
    moving = (Job.state, Job.attempts, Job.fence, Job.progress_current, Job.progress_total, Job.message)
    planned = (Job.run_at, Job.error, Job.finished_at, Job.cancel_requested_at)
    return _one(session, sa.select(*moving, *planned).where(Job.id == job_id))


def stories(session: Session, _id: str) -> object:
    """Every change of a story takes the lock, and counts."""
    return _one(session, sa.select(StoryLock.epoch, StoryLock.count))


def story(session: Session, story_id: str) -> object:
    """One story."""
    return _one(session, sa.select(Story.revision, Story.updated_at).where(Story.id == story_id))


def drafts(session: Session, _id: str) -> object:
    """Drafts, their revisions, what was decided of them, and their way out."""
    newest = sa.select(_newest(Draft), _newest(Revision), _newest(Review), _newest(Publication))
    return _one(session, newest), [_states(session, table) for table in (Draft, Review, Publication)]


def sources(session: Session, _id: str) -> object:
    """Sources, their latest looks and what they brought."""
    looks = (sa.func.max(Source.last_poll_at), sa.func.min(Source.next_poll_at), sa.func.sum(Source.entries_total))
    found = _one(session, sa.select(*looks, sa.func.sum(Source.failure_streak))), _states(session, Source)
    return found, _one(session, sa.select(sa.func.max(Letter.id), sa.func.max(Letter.read_at)))


def channels(session: Session, _id: str) -> object:
    """Channels and what goes to them."""
    enabled = sa.func.count().filter(Channel.is_enabled)
    newest = sa.select(_newest(Publication))
    return (
        _one(session, sa.select(sa.func.count(), enabled).select_from(Channel)),
        _one(session, newest),
        _states(session, Publication),
    )


def limits(session: Session, _id: str) -> object:
    """Breakers, what a person has limited, and what is paused."""
    changed = sa.func.max(Breaker.changed_at)
    steps = sa.select(sa.func.count(), sa.func.sum(TaskLimit.next_at), sa.func.max(TaskLimit.rate))
    return (
        _one(session, sa.select(sa.func.count(), changed, sa.func.sum(Breaker.failures)).select_from(Breaker)),
        _one(session, steps.select_from(TaskLimit)),
        _one(session, sa.select(sa.func.count(), sa.func.max(Pace.rate)).select_from(Pace)),
        _one(session, sa.select(_count(Pause))),
    )


def comments(session: Session, _id: str) -> object:
    """Processes, and the latest change of comments in each state; the jobs that work for them."""
    looks = sa.func.sum(CommentProcess.looks), sa.func.max(CommentProcess.updated_at)
    seen = sa.func.count(), *looks, sa.func.max(CommentProcess.next_look_at)
    latest = [
        sa.select(sa.func.max(Comment.updated_at)).where(Comment.state == state).scalar_subquery()
        for state in CommentState
    ]
    working = sa.select(sa.func.count(), sa.func.sum(Job.fence)).where(Job.state == State.EXECUTING)
    return (
        _one(session, sa.select(*seen).select_from(CommentProcess)),
        _states(session, CommentProcess),
        _one(session, sa.select(*latest)),
        _one(session, working.where(Job.fair_key.startswith("process:"))),
    )


def install() -> None:
    """Let the stream use these."""
    topics.PROBES.update(
        jobs=jobs,
        job=job,
        stories=stories,
        story=story,
        drafts=drafts,
        sources=sources,
        channels=channels,
        limits=limits,
        comments=comments,
    )


def _one(session: Session, statement: sa.Executable) -> object:
    row = session.execute(statement).one_or_none()
    return tuple(row) if row else None


def _newest(table: type[Job | Attempt | Draft | Revision | Review | Publication]) -> sa.ScalarSelect[str]:
    return sa.select(sa.func.max(table.id)).scalar_subquery()


def _latest_end() -> sa.ScalarSelect[Any]:
    ended = Job.finished_at.is_not(None)  # what SQLite must be told to look into the index of those alone
    return sa.select(sa.func.max(Job.finished_at)).where(ended).scalar_subquery()


def _count(table: type[Pause]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(table).scalar_subquery()


def _states(session: Session, table: type[Draft | Review | Publication | Source | CommentProcess]) -> object:
    counted = sa.select(table.state, sa.func.count()).group_by(table.state).order_by(table.state)
    return [tuple(row) for row in session.execute(counted)]
