"""When an agent writes by itself. Its schedule is a row of `schedules` like any other, and the only place that says it.

So what a person changes on the page *Schedules* is what the agent does, and nothing has to be kept in step.
"""

from __future__ import annotations

from datetime import datetime

from stonehand import config
from stonehand.agents.models import Agent
from stonehand.agents.states import AgentState
from stonehand.agents.wishes import When, missed
from stonehand.db import Session
from stonehand.drafts.pieces import slug
from stonehand.jobs import declaration
from stonehand.jobs.clock import recurring, schedules
from stonehand.jobs.clock.timetable import Timetable
from stonehand.jobs.models import Schedule

TASK = "agents.run"


def name(agent: Agent) -> str:
    """What its schedule is called: by the name that the agent has when it is made."""
    return f"agent-{slug(agent.name)[:40]}-{agent.id[-6:]}"


def check(when: When) -> When:
    """The same, with a rule for missed times that schedules know. Raises `TimetableInvalid`."""
    zone = when.timezone.strip() or config.settings().timezone
    if when.cron:
        Timetable(0, when.cron, zone).check()
    return When(when.cron.strip(), zone, missed(when.missed))


def schedule(session: Session, agent: Agent) -> Schedule | None:
    """Its schedule; None if it has none, or if somebody removed it."""
    return session.get(Schedule, agent.schedule) if agent.schedule else None


def when(found: Schedule | None) -> When:
    """What its schedule says."""
    return When(found.cron or "", found.timezone, found.missed) if found else When(timezone=config.settings().timezone)


def put(session: Session, agent: Agent, by: str, wanted: When) -> None:
    """Make its schedule come so, or take it away. Raises `TimetableInvalid`, `ScheduleInvalid`."""
    wanted, found, task = check(wanted), schedule(session, agent), declaration.find(TASK)
    values = {"cron": wanted.cron, "timezone": wanted.timezone, "missed": wanted.missed}
    if found and not wanted.cron:
        remove(session, agent)
    elif found and (wanted != when(found) or found.every_seconds):
        recurring.change(session, found.name, task, by, values)
    elif wanted.cron and not found:
        agent.schedule = name(agent)
        made = values | {"every_seconds": 0, "args": {"agent_id": agent.id}}
        recurring.create(session, agent.schedule, task, by, made)
        if agent.state == AgentState.PAUSED:
            rest(session, agent, by)


def rest(session: Session, agent: Agent, by: str) -> None:
    """Let its schedule rest, and remember if that was done for this reason."""
    found = schedule(session, agent)
    if found and found.is_enabled:
        recurring.disable(session, found.name, by)
        agent.rests = True


def wake(session: Session, agent: Agent, by: str) -> None:
    """Let it fire again, unless a person had switched it off before."""
    found = schedule(session, agent)
    if found and agent.rests:
        recurring.enable(session, found.name, by)
    agent.rests = False


def remove(session: Session, agent: Agent) -> None:
    """Take its schedule away."""
    found = schedule(session, agent)
    if found and found.is_own:
        recurring.remove(session, found.name)
    agent.schedule, agent.rests = "", False


def upcoming(found: Schedule | None, moment: datetime, number: int = 5) -> list[datetime]:
    """When it fires next; never without a schedule or while that is switched off."""
    return schedules.upcoming(found, moment, number) if found else []
