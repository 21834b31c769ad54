"""What language models have cost: by day, model, purpose, and whoever paid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.llm.ledger import CRASHED
from stonehand.llm.models import LlmCall

By = Literal["day", "model", "configuration", "purpose", "agent", "source", "user", "outcome"]
COLUMNS = {
    "day": LlmCall.day,
    "model": LlmCall.model,
    "configuration": LlmCall.model_id,
    "purpose": LlmCall.purpose,
    "agent": LlmCall.agent_id,
    "source": LlmCall.source_id,
    "user": LlmCall.user_id,
    "outcome": LlmCall.outcome,
}
UNUSABLE = ("invalid", "refused", "unavailable", CRASHED)
MOST = 1000  # rows of one answer


@dataclass(frozen=True)
class Spent:
    """What calls of one kind cost, in millionths; `key` is the day, model or id, and empty where nobody is named.

    `failed` are those without an answer that could be used.
    """

    key: str
    calls: int
    cost_micro: int
    input_tokens: int
    output_tokens: int
    failed: int
    took_ms: int | None = None
    """How long a call took on average; None if none has ended."""


@dataclass(frozen=True)
class Window:
    """Days in UTC, both included; with an id or a purpose, only the calls of this one."""

    since: date
    until: date
    agent_id: str = ""
    source_id: str = ""
    user_id: str = ""
    model_id: str = ""
    purpose: str = ""

    @property
    def days(self) -> list[str]:
        """Every day of it."""
        count = (self.until - self.since).days + 1
        return [(self.since + timedelta(days=number)).isoformat() for number in range(max(count, 0))]


def spending(session: Session, window: Window, by: By) -> list[Spent]:
    """The largest first, or day after day. Calls that still run count with what is set aside for them."""
    column = COLUMNS[by]
    cost = sa.func.sum(sa.func.coalesce(LlmCall.cost_micro, LlmCall.reserved_micro))
    wish = sa.select(
        column,
        sa.func.count(),
        cost,
        sa.func.coalesce(sa.func.sum(LlmCall.input_tokens), 0),
        sa.func.coalesce(sa.func.sum(LlmCall.output_tokens), 0),
        sa.func.count().filter(LlmCall.outcome.in_(UNUSABLE)),
        sa.func.avg(LlmCall.took_ms),
    )
    order = (column,) if by == "day" else (cost.desc(), sa.func.count().desc(), column)
    rows = session.execute(wish.where(*_inside(window)).group_by(column).order_by(*order).limit(MOST))
    return [
        Spent(
            key, calls, int(micro or 0), int(read or 0), int(said or 0), failed, took if took is None else round(took)
        )
        for key, calls, micro, read, said, failed, took in rows
    ]


def _inside(window: Window) -> list[sa.ColumnElement[bool]]:
    found = [LlmCall.day >= window.since.isoformat(), LlmCall.day <= window.until.isoformat()]
    for name in ("agent_id", "source_id", "user_id", "model_id", "purpose"):
        wanted = getattr(window, name)
        if wanted:
            found.append(getattr(LlmCall, name) == wanted)
    return found


def by_day(session: Session, window: Window) -> list[Spent]:
    """Every day of the window, also those on which nothing was asked."""
    known = {each.key: each for each in spending(session, window, "day")}
    return [known.get(day) or Spent(day, 0, 0, 0, 0, 0) for day in window.days]


def total(spent: list[Spent]) -> Spent:
    """All of them together."""
    return Spent(
        "",
        sum(each.calls for each in spent),
        sum(each.cost_micro for each in spent),
        sum(each.input_tokens for each in spent),
        sum(each.output_tokens for each in spent),
        sum(each.failed for each in spent),
    )
