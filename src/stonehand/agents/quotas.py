"""Quotas: a run sets aside what it may cost before anything is spent, and settles it when it has ended.

Each period is one conditional statement, so any number of runs at once never go beyond what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.agents.errors import QuotaSpent
from stonehand.agents.models import Agent, AgentUsage
from stonehand.agents.wishes import Quotas
from stonehand.db import Session, insert

PARTS = {"posts": "posts", "tokens": "tokens", "micro": "money"}


@dataclass(frozen=True)
class Amount:
    """Posts, tokens, and money in millionths of the budget's currency."""

    posts: int = 0
    tokens: int = 0
    micro: int = 0


def of(agent: Agent) -> Quotas:
    """What it may use up."""
    return Quotas(**agent.quotas)


def reserve(session: Session, agent: Agent, wanted: Amount, moment: datetime) -> str:
    """Set this aside, all of it or nothing. Returns the day that it counts against. Raises `QuotaSpent`."""
    limits, day = of(agent), moment.date().isoformat()
    with session.begin_nested():
        for period, word, until in _periods(moment):
            limit = _limit(limits, word)
            if not (_fits(wanted, limit) and _add(session, agent.id, period, wanted, limit)):
                raise _spent(agent, used(session, agent.id, period), wanted, limit, word, until)
    return day


def check(session: Session, agent: Agent, wanted: Amount, moment: datetime) -> None:
    """Raise `QuotaSpent` if this could not be set aside now. Nothing is written."""
    limits = of(agent)
    for period, word, until in _periods(moment):
        limit, have = _limit(limits, word), used(session, agent.id, period)
        sums = {name: getattr(wanted, name) and getattr(have, name) + getattr(wanted, name) for name in PARTS}
        if not _fits(Amount(**sums), limit):
            raise _spent(agent, have, wanted, limit, word, until)


def settle(session: Session, agent_id: str, day: str, change: Amount) -> None:
    """Correct what was set aside on `day` by this much: by what was not used, or by what was used beyond it."""
    table = sa.update(AgentUsage).where(AgentUsage.agent_id == agent_id, AgentUsage.period.in_([day, day[:7]]))
    session.execute(
        table.values(
            posts=AgentUsage.posts + change.posts,
            tokens=AgentUsage.tokens + change.tokens,
            cost_micro=AgentUsage.cost_micro + change.micro,
        ).execution_options(synchronize_session=False)
    )


def used(session: Session, agent_id: str, period: str) -> Amount:
    """What was spent or set aside in a day or month."""
    found = session.get(AgentUsage, (agent_id, period), populate_existing=True)
    return Amount(found.posts, found.tokens, found.cost_micro) if found else Amount()


def _periods(moment: datetime) -> Iterator[tuple[str, str, datetime]]:
    """The month and the day: how each is kept, what it is called, when the next begins."""
    day, month = moment.astimezone(UTC).date(), moment.astimezone(UTC).date().replace(day=1)
    following = (month + timedelta(days=32)).replace(day=1)
    yield month.isoformat()[:7], "month", datetime.combine(following, datetime.min.time(), UTC)
    yield day.isoformat(), "day", datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)


def _limit(limits: Quotas, word: str) -> dict[str, int | None]:
    return {name: getattr(limits, f"{name}_per_{word}") for name in PARTS}


def _fits(amount: Amount, limit: dict[str, int | None]) -> bool:
    """Whether this alone is allowed; what costs nothing always is."""
    return all(
        most is None or not getattr(amount, name) or getattr(amount, name) <= most for name, most in limit.items()
    )


def _add(session: Session, agent_id: str, period: str, wanted: Amount, limit: dict[str, int | None]) -> bool:
    columns: dict[str, Any] = {
        "posts": AgentUsage.posts, "tokens": AgentUsage.tokens, "micro": AgentUsage.cost_micro
    }  # fmt: skip
    fits = [
        columns[name] + getattr(wanted, name) <= most
        for name, most in limit.items()
        if most is not None and getattr(wanted, name)
    ]
    values = {"posts": wanted.posts, "tokens": wanted.tokens, "cost_micro": wanted.micro}
    statement = (
        insert(session, AgentUsage)
        .values(agent_id=agent_id, period=period, **values)
        .on_conflict_do_update(
            index_elements=["agent_id", "period"],
            set_={name: getattr(AgentUsage, name) + value for name, value in values.items()},
            where=sa.and_(*fits) if fits else None,
        )
        .returning(AgentUsage.period)
    )
    return session.execute(statement).scalar_one_or_none() is not None


def _spent(
    agent: Agent, have: Amount, wanted: Amount, limit: dict[str, int | None], word: str, until: datetime
) -> QuotaSpent:
    short = [
        f"{_told(name, getattr(have, name))} of {_told(name, most)} {PARTS[name]}"
        for name, most in limit.items()
        if most is not None and getattr(wanted, name) and getattr(have, name) + getattr(wanted, name) > most
    ]
    needs = ", ".join(_needed(name, getattr(wanted, name)) for name in PARTS if getattr(wanted, name))
    if never := [name for name, most in limit.items() if most is not None and getattr(wanted, name) > most]:
        have_now = " and ".join(_needed(name, limit[name] or 0) for name in never)
        enough = " and ".join(_needed(name, getattr(wanted, name)) for name in never)
        return QuotaSpent(
            f"{agent.name} cannot write: a piece may need {needs}, and its quota of {have_now} a {word} does not cover "
            f"one; raise it to {enough} at least, or leave it empty for no limit",
            until,
        )
    return QuotaSpent(
        f"{agent.name} has used {' and '.join(short) or 'all'} of this {word}, and a piece may need {needs}; "
        f"it starts anew at {until:%Y-%m-%d %H:%M} UTC, or raise the agent's quota",
        until,
    )


def _needed(name: str, value: int) -> str:
    """`1 post`, `1200 tokens`, `0.08 money`."""
    return f"{_told(name, value)} {PARTS[name].removesuffix('s') if value == 1 else PARTS[name]}"


def _told(name: str, value: int) -> str:
    return f"{value / 1_000_000:.4f}".rstrip("0").rstrip(".") if name == "micro" else str(value)
