"""Reads of agents that deserve a name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand.agents.errors import AgentNotFound
from stonehand.agents.models import Agent, AgentRun, AgentUsage
from stonehand.agents.quotas import Amount
from stonehand.agents.states import AgentState, RunState
from stonehand.db import Session
from stonehand.jobs.models import Schedule


def agent(session: Session, wanted: str) -> Agent:
    """The agent of this id or name, unless it was removed. Raises `AgentNotFound`."""
    here = sa.select(Agent).where(Agent.state != AgentState.REMOVED)
    found = session.scalars(here.where(sa.or_(Agent.id == wanted, Agent.name == wanted))).first()
    if found is None:
        raise AgentNotFound(f"there is no agent {wanted[:80]!r}; it may have been removed")
    return found


def ever(session: Session, agent_id: str) -> Agent:
    """The agent of this id, even if it was removed. Raises `AgentNotFound`."""
    found = session.get(Agent, agent_id)
    if found is None:
        raise AgentNotFound(f"there never was an agent {agent_id[:80]!r}")
    return found


def known(session: Session, wanted: str) -> Agent:
    """The agent of this id or name, or of this id if it was removed. Raises `AgentNotFound`."""
    try:
        return agent(session, wanted)
    except AgentNotFound:
        return ever(session, wanted)


def agents(session: Session) -> Sequence[Agent]:
    """All agents, by name."""
    return session.scalars(sa.select(Agent).where(Agent.state != AgentState.REMOVED).order_by(Agent.name)).all()


def names(session: Session, ids: Collection[str]) -> dict[str, str]:
    """What these agents are called, by id; also those that were removed."""
    return dict(session.execute(sa.select(Agent.id, Agent.name).where(Agent.id.in_(ids))).all())


def writing_about(session: Session, source_id: str) -> list[Agent]:
    """The agents that are at work and name this source as theirs."""
    return [
        each for each in agents(session) if each.state == AgentState.ACTIVE and source_id in each.source_ids
    ]  # a few dozen rows; JSON cannot be searched alike in both databases


def runs(session: Session, agent_id: str, limit: int = 50, before: str | None = None) -> Sequence[AgentRun]:
    """The runs of an agent, the newest first."""
    wish = sa.select(AgentRun).where(AgentRun.agent_id == agent_id).order_by(AgentRun.id.desc()).limit(limit)
    return session.scalars(wish.where(AgentRun.id < before) if before else wish).all()


def last_runs(session: Session, agent_ids: Collection[str]) -> dict[str, AgentRun]:
    """The newest run of each of these agents, by its agent."""
    newest = sa.select(sa.func.max(AgentRun.id)).where(AgentRun.agent_id.in_(agent_ids)).group_by(AgentRun.agent_id)
    return {each.agent_id: each for each in session.scalars(sa.select(AgentRun).where(AgentRun.id.in_(newest)))}


def run_of_job(session: Session, job_id: str) -> AgentRun | None:
    """The run that this job makes, if it has begun and not failed."""
    wish = sa.select(AgentRun).where(AgentRun.job_id == job_id, AgentRun.state != RunState.FAILED)
    return session.scalars(wish.order_by(AgentRun.id.desc())).first()


def open_runs(session: Session, limit: int = 100) -> Sequence[AgentRun]:
    """Runs whose draft is being written, the oldest first."""
    wish = sa.select(AgentRun).where(AgentRun.state == RunState.WRITING)
    return session.scalars(wish.order_by(AgentRun.id).limit(limit)).all()


def schedules(session: Session, found: Sequence[Agent]) -> dict[str, Schedule]:
    """The schedules of these agents, by the agent's id; those that have none are left out."""
    names = {each.schedule: each.id for each in found if each.schedule}
    rows = session.scalars(sa.select(Schedule).where(Schedule.name.in_(names)))
    return {names[row.name]: row for row in rows}


def usage(session: Session, agent_ids: Collection[str], period: str) -> dict[str, Amount]:
    """What these agents have spent or set aside in a day or month, by the agent's id."""
    wish = sa.select(AgentUsage).where(AgentUsage.agent_id.in_(agent_ids), AgentUsage.period == period)
    return {each.agent_id: Amount(each.posts, each.tokens, each.cost_micro) for each in session.scalars(wish)}


def daily(session: Session, agent_id: str, moment: datetime, days: int = 30) -> tuple[Amount, ...]:
    """What it has spent or set aside on each of the last days, the oldest first."""
    names = [(moment - timedelta(days=back)).date().isoformat() for back in reversed(range(days))]
    wish = sa.select(AgentUsage).where(AgentUsage.agent_id == agent_id, AgentUsage.period.in_(names))
    found = {each.period: Amount(each.posts, each.tokens, each.cost_micro) for each in session.scalars(wish)}
    return tuple(found.get(name, Amount()) for name in names)


def in_all(session: Session, agent_id: str) -> Amount:
    """What all its runs together have come to."""
    written = sa.func.count().filter(AgentRun.state == RunState.WRITTEN)
    sums = [sa.func.coalesce(sa.func.sum(column), 0) for column in (AgentRun.tokens, AgentRun.cost_micro)]
    row = session.execute(sa.select(written, *sums).where(AgentRun.agent_id == agent_id)).one()
    return Amount(int(row[0]), int(row[1]), int(row[2]))


def usual_channels(session: Session, agent_id: str | None) -> frozenset[str] | None:
    """Where the pieces of this agent usually go; None if it says nothing of it, or nobody is an agent."""
    found = session.get(Agent, agent_id) if agent_id else None
    return frozenset(found.channel_ids) or None if found else None


def upcoming(session: Session, limit: int) -> list[tuple[Agent, datetime]]:
    """The agents at work that write next, and when."""
    wish = (
        sa.select(Agent, Schedule.next_at)
        .join(Schedule, Schedule.name == Agent.schedule)
        .where(Agent.state == AgentState.ACTIVE, Schedule.is_enabled)
        .order_by(Schedule.next_at)
        .limit(limit)
    )
    return [(agent, next_at) for agent, next_at in session.execute(wish)]
