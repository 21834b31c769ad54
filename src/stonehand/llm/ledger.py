"""The budget of a day: reserve the worst cost before a call, settle the real one after it.

A reservation is one conditional statement, so any number of processes together never commit more than the budget.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session, insert, new_id, now
from stonehand.llm.errors import BudgetSpent
from stonehand.llm.models import LlmCall, LlmDay
from stonehand.llm.prices import Usage

LEASE = timedelta(minutes=15)  # longer than any call may last; what is older has crashed


def reserve(session: Session, *, purpose: str, model: str, worst_micro: int, budget_micro: int) -> str:
    """Set `worst_micro` aside from today's budget. Returns the call's id. Raises `BudgetSpent`."""
    moment = now(session)
    settle_crashed(session, moment - LEASE)
    day = moment.date().isoformat()
    _commit_to(session, day, worst_micro, budget_micro, moment)
    call = LlmCall(id=new_id(), day=day, purpose=purpose, model=model, reserved_micro=worst_micro, reserved_at=moment)
    call.job_id = log.bound_id("job")
    session.add(call)
    session.flush()
    return call.id


def _commit_to(session: Session, day: str, micro: int, budget: int, moment: datetime) -> None:
    statement = (
        insert(session, LlmDay)
        .values(day=day, committed_micro=micro)
        .on_conflict_do_update(
            index_elements=["day"],
            set_={"committed_micro": LlmDay.committed_micro + micro},
            where=LlmDay.committed_micro + micro <= budget,
        )
        .returning(LlmDay.day)
    )
    if micro > budget or session.execute(statement).scalar_one_or_none() is None:
        resets = datetime.combine(moment.date() + timedelta(days=1), datetime.min.time(), UTC)
        raise BudgetSpent(
            f"today's budget for language models ({_money(budget)}) does not cover a call that may cost"
            f" {_money(micro)}; it starts anew at {resets:%Y-%m-%d %H:%M} UTC, or raise STONEHAND_LLM_DAILY_BUDGET",
            resets,
        )


def _money(micro: int) -> str:
    return f"{micro / 1_000_000:.4f}".rstrip("0").rstrip(".")


def settle(session: Session, call_id: str, cost_micro: int | None, usage: Usage | None = None) -> None:
    """Replace the reservation by the real cost; None charges all of it. A call settles once, later tries do nothing."""
    call = session.get_one(LlmCall, call_id)
    cost = call.reserved_micro if cost_micro is None else cost_micro
    done = session.execute(
        sa.update(LlmCall)
        .where(LlmCall.id == call_id, LlmCall.state == "reserved")
        .values(
            state="settled",
            cost_micro=cost,
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            settled_at=now(session),
        )
        .returning(LlmCall.id)
    ).scalar_one_or_none()
    if done:
        session.execute(
            sa.update(LlmDay)
            .where(LlmDay.day == call.day)
            .values(committed_micro=LlmDay.committed_micro - call.reserved_micro + cost)
        )


def settle_crashed(session: Session, before: datetime) -> None:
    """Charge in full every reservation made before `before`: whoever held it died and may well have spent it."""
    session.execute(
        sa.update(LlmCall)
        .where(LlmCall.state == "reserved", LlmCall.reserved_at < before)
        .values(state="settled", cost_micro=LlmCall.reserved_micro, settled_at=now(session))
        .execution_options(synchronize_session=False)
    )


def committed(session: Session, day: str) -> int:
    """What `day` (`2026-05-03`) has spent or reserved, in millionths."""
    return session.scalar(sa.select(LlmDay.committed_micro).where(LlmDay.day == day)) or 0
