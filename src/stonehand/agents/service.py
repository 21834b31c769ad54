"""The verbs of agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.agents import queries, quotas, spending, timing, tools, wishes
from stonehand.agents.errors import AgentBusy, AgentPaused, AgentTaken, AgentUnfit
from stonehand.agents.models import Agent
from stonehand.agents.states import AgentState
from stonehand.agents.wishes import When, Wish
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.jobs import queries as working
from stonehand.sources import queries as sources

NEVER, NOTHING = When(), Wish("")
SUBJECTS = ("topic", "story_id", "entry_id", "curation_id", "digest_id")


def wish_of(agent: Agent) -> Wish:
    """The agent as it is wanted now."""
    plain = {each.name: getattr(agent, each.name) for each in fields(Wish) if each.name != "quotas"}
    lists = {name: tuple(value) for name, value in plain.items() if isinstance(value, list)}
    return Wish(**plain | lists, quotas=quotas.of(agent))


def create(session: Session, person: Person, wish: Wish, when: When = NEVER, *, is_sample: bool = False) -> Agent:
    """Make an agent. Raises `AgentUnfit`, `AgentTaken`, `TimetableInvalid`, `PermissionMissing`."""
    person.require("edit")
    wish, when = wishes.check(wish), timing.check(when)
    _check_things(session, wish)
    wish = _with_tools(session, wish)
    moment = db.now(session)
    made = Agent(id=db.new_id(), schedule="", is_sample=is_sample, created_by=person.name, created_at=moment)
    _put(made, wish)
    made.state, made.note, made.rests, made.updated_at = AgentState.ACTIVE, "", False, moment
    _keep(session, made)
    timing.put(session, made, person.name, when)
    _learn(session, made)
    accounts.record(session, person, "added", "agent", made.id, {"name": made.name, "cron": when.cron})
    return made


def change(
    session: Session, person: Person, agent_id: str, changes: Mapping[str, Any], when: When | None = None
) -> Agent:
    """Change fields of `Wish`; what is left out stays, and so does its schedule without `when`. Raises as `create`."""
    person.require("edit")
    agent = queries.agent(session, agent_id)
    before = wish_of(agent)
    wish = wishes.check(replace(before, **changes))
    _check_things(session, wish, before)
    wish = _with_tools(session, wish, before)
    _put(agent, wish)
    agent.updated_at = db.now(session)
    _keep(session, agent)
    if when is not None:
        timing.put(session, agent, person.name, when)
    if (wish.brief, wish.expertise, wish.keywords) != (before.brief, before.expertise, before.keywords):
        _learn(session, agent)
    said = asdict(when) if when else {}
    accounts.record(session, person, "changed", "agent", agent.id, {"fields": sorted({*changes, *said}), **said})
    return agent


def _put(agent: Agent, wish: Wish) -> None:
    for each in fields(Wish):
        value = getattr(wish, each.name)
        setattr(agent, each.name, list(value) if isinstance(value, tuple) else value)
    agent.quotas = wish.quotas.as_json()


def _keep(session: Session, agent: Agent) -> None:
    taken = AgentTaken(f"there is an agent {agent.name!r} already; choose another name")
    with session.no_autoflush:
        same = sa.select(Agent.id).where(Agent.name == agent.name, Agent.state != AgentState.REMOVED)
        if session.scalar(same.where(Agent.id != agent.id)):
            raise taken
    try:
        with session.begin_nested():
            session.add(agent)
            session.flush()
    except sa.exc.IntegrityError:  # somebody else was quicker
        raise taken from None


def _check_things(session: Session, wish: Wish, before: Wish | None = None) -> None:
    """What an agent has named already may have gone meanwhile; only what is new must be there."""
    new_sources = set(wish.source_ids) - set(before.source_ids if before else ())
    missing = new_sources - {each.id for each in sources.by_ids(session, new_sources)}
    new_channels = set(wish.channel_ids) - set(before.channel_ids if before else ())
    missing |= new_channels - {each.id for each in channels.channels(session)}
    if missing:
        raise AgentUnfit(f"there is no source or channel {sorted(missing)[0][:64]!r}; look up its id")


def _with_tools(session: Session, wish: Wish, before: Wish = NOTHING) -> Wish:
    """With the ids of its prompt and its model, if they are new. Raises `AgentUnfit`."""
    prompt_id, model_id = wish.prompt_id, wish.model_id
    if prompt_id != before.prompt_id:
        prompt_id = tools.prompt(session, prompt_id)
    if model_id != before.model_id:
        model_id = tools.model(session, model_id)
    return replace(wish, prompt_id=prompt_id, model_id=model_id)


def _learn(session: Session, agent: Agent) -> None:
    """Let a worker, which has the model for it, find out what its brief means."""
    agent.vector = agent.vector_model = None
    jobs.enqueue(session, "agents.learn", {"agent_id": agent.id}, unique_key=f"agents.learn:{agent.id}")


def pause(session: Session, person: Person, agent_id: str, why: str = "") -> Agent:
    """Let it rest, and its schedule; a piece that it is writing goes on. Pausing it again changes nothing."""
    person.require("edit")
    agent = queries.agent(session, agent_id)
    if agent.state == AgentState.ACTIVE:
        agent.state, agent.note = (
            AgentState.PAUSED,
            f"by {person.name}{f': {why.strip()[:200]}' if why.strip() else ''}",
        )
        timing.rest(session, agent, person.name)
        accounts.record(session, person, "paused", "agent", agent.id, {"why": why[:200]})
    return agent


def resume(session: Session, person: Person, agent_id: str) -> Agent:
    """Let it work again. Due times that passed meanwhile are not made up for."""
    person.require("edit")
    agent = queries.agent(session, agent_id)
    if agent.state == AgentState.PAUSED:
        agent.state, agent.note = AgentState.ACTIVE, ""
        timing.wake(session, agent, person.name)
        accounts.record(session, person, "resumed", "agent", agent.id)
    return agent


def remove(session: Session, person: Person, agent_id: str) -> Agent:
    """Take it away, and its schedule. Its drafts and the history of its runs stay."""
    person.require("edit")
    agent = queries.agent(session, agent_id)
    timing.remove(session, agent)
    agent.state, agent.note = AgentState.REMOVED, f"by {person.name}"
    accounts.record(session, person, "removed", "agent", agent.id, {"name": agent.name})
    return agent


def check_ready(session: Session, agent: Agent) -> None:
    """Raise `AgentPaused` or `QuotaSpent` if it could not write a piece now."""
    if agent.state != AgentState.ACTIVE:
        raise AgentPaused(f"{agent.name} is paused {agent.note}".rstrip() + "; resume it first")
    quotas.check(session, agent, spending.estimate(session, agent, ()), db.now(session))


def run_now(session: Session, person: Person, agent_id: str) -> str:
    """Ask for what it does by its schedule, now. Returns the job's id.

    Raises `AgentPaused`, `QuotaSpent`, and `AgentBusy` while one that somebody asked for is not done.
    """
    person.require("edit")
    agent = queries.agent(session, agent_id)
    check_ready(session, agent)
    return _ask(session, person, agent, "agents.run", {}, f"agents.run:{agent.id}")


def write_about(session: Session, person: Person, agent_id: str, about: Mapping[str, str]) -> str:
    """Ask for a piece about one of `SUBJECTS`, perhaps with a `keyword`. Returns the job's id. Raises as `run_now`."""
    person.require("edit")
    agent = queries.agent(session, agent_id)
    told = {name: value.strip() for name, value in about.items() if value and value.strip()}
    if len([name for name in SUBJECTS if name in told]) != 1 or set(told) - {*SUBJECTS, "keyword"}:
        raise AgentUnfit(f"say what to write about by one of {', '.join(SUBJECTS)}")
    check_ready(session, agent)
    subject = next(name for name in SUBJECTS if name in told)
    key = f"agents.write:{agent.id}:{subject}:{told[subject]}"[:200]
    return _ask(session, person, agent, "agents.write", told, key)


def _ask(session: Session, person: Person, agent: Agent, task: str, args: Mapping[str, str], key: str) -> str:
    made = jobs.enqueue(
        session,
        task,
        {"agent_id": agent.id, **args},
        unique_key=key,
        fair_key=f"agent:{agent.id}",
        asked_by=person.name[:120],
    )
    if made is None:
        busy = working.unfinished_as(session, key)
        raise AgentBusy(f"{agent.name} is at it already{f': job {busy.id}' if busy else ''}")
    accounts.record(session, person, "asked for", "run of an agent", agent.id, {"job": made, **args})
    return made
