"""What calls may cost: reserve the worst cost before a call, settle the real one after it.

A reservation is one conditional statement for each budget that it counts against, all in one transaction: all of them
cover it, or none is touched. So any number of processes together never commit more than a budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa

from stonehand import db, log
from stonehand.db import Session, insert, new_id, now
from stonehand.llm import budgets, spans
from stonehand.llm.budgets import Limit
from stonehand.llm.errors import AllowanceSpent, BudgetSpent, ProviderBusy
from stonehand.llm.models import ConfiguredModel, LlmCall, LlmDay, LlmSpan
from stonehand.llm.payers import NOBODY, Payer
from stonehand.llm.prices import Usage
from stonehand.llm.spans import Span

LEASE = timedelta(minutes=15)  # longer than any call may last; what is older has crashed
SOON = 2.0  # seconds until somebody who found all places taken may look again
CRASHED = "crashed"
_P = sa.bindparam
_Rows = LlmDay | LlmSpan


@dataclass(frozen=True)
class Wanted:
    """A call that somebody wants to make: what for, at whose cost, and the worst that it may cost.

    With `at_once`, so many calls of this model may run at a time, each for `longest` at most.
    """

    purpose: str
    model: str
    worst_micro: int
    worst_tokens: int = 0
    model_id: str = "environment"
    payer: Payer = NOBODY
    at_once: int | None = None
    longest: timedelta = LEASE


def reserve(session: Session, wanted: Wanted) -> str:
    """Set the worst cost aside in every budget. Returns the call's id.

    Raises `BudgetSpent`, `AllowanceSpent`, `ProviderBusy`.
    """
    moment = now(session)
    settle_crashed(session, moment - LEASE)
    if wanted.at_once is not None:
        _take_place(session, wanted, moment)
    day = moment.date().isoformat()
    concerned = spans.of_call(day, wanted.payer, wanted.model_id)
    limits = budgets.limits(session, concerned)
    for span in concerned:
        _commit_to(session, span, wanted, limits.get(span, Limit()))
    _keep_within(session, wanted)  # after the common day was touched, which makes all others wait
    call = LlmCall(
        id=new_id(),
        day=day,
        purpose=wanted.purpose,
        model=wanted.model,
        model_id=wanted.model_id,
        agent_id=wanted.payer.agent_id,
        source_id=wanted.payer.source_id,
        user_id=wanted.payer.user_id,
        reserved_micro=wanted.worst_micro,
        reserved_tokens=wanted.worst_tokens,
        reserved_at=moment,
        job_id=log.bound_id("job"),
    )
    session.add(call)
    session.flush()
    return call.id


def _take_place(session: Session, wanted: Wanted, moment: datetime) -> None:
    """Be one of those that may ask at a time. The model's row is the lock; SQLite has only one writer anyway."""
    session.execute(
        sa.select(ConfiguredModel.id).where(ConfiguredModel.id == wanted.model_id).with_for_update(key_share=True)
    )
    running = sa.select(sa.func.count()).where(
        LlmCall.model_id == wanted.model_id,
        LlmCall.state == "reserved",
        LlmCall.reserved_at > moment - wanted.longest,
    )
    if (session.scalar(running) or 0) >= (wanted.at_once or 0):
        raise ProviderBusy(f"{wanted.model} answers {wanted.at_once} at a time, as was set; it is asked again", SOON)


def _commit_to(session: Session, span: Span, wanted: Wanted, limit: Limit) -> None:
    """Add to a span unless its limit forbids it. What costs nothing fits, however much is spent."""
    pairs = {"micro": (wanted.worst_micro, limit.micro), "tokens": (wanted.worst_tokens, limit.tokens)}
    limited = {name: most for name, (worst, most) in pairs.items() if most is not None and worst}
    could = all(pairs[name][0] <= most for name, most in limited.items())
    table, key = _row(span)
    statement = _addition(db.dialect(session), table, frozenset(limited))
    values = {name: worst for name, (worst, _) in pairs.items()} | {
        f"most_{name}": most for name, most in limited.items()
    }
    if not could or session.connection().execute(statement, key | values).scalar_one_or_none() is None:
        raise _spent(span, wanted, limit)


@cache
def _addition(name: str, table: type[_Rows], limited: frozenset[str]) -> Any:
    """Built once for each kind of span and limit: to build one anew takes longer than to run it."""
    fits = [getattr(table, f"committed_{each}") + _P(each) <= _P(f"most_{each}") for each in sorted(limited)]
    added = _added(table)
    key = [column.name for column in cast(sa.Table, table.__table__).primary_key]
    statement = db.insert_by(name, table).values(
        **{each: _P(each) for each in key}, committed_micro=_P("micro"), committed_tokens=_P("tokens")
    )
    return statement.on_conflict_do_update(
        index_elements=key, set_=added, where=sa.and_(*fits) if fits else None
    ).returning(table.committed_micro)


def _added(table: type[_Rows]) -> dict[str, Any]:
    return {
        "committed_micro": table.committed_micro + _P("micro"),
        "committed_tokens": table.committed_tokens + _P("tokens"),
    }


def _keep_within(session: Session, wanted: Wanted) -> None:
    """What the job has spent, tries that were lost included, and this call stay within what was set aside for it."""
    job_id, most = log.bound_id("job"), Limit(wanted.payer.most_micro, wanted.payer.most_tokens)
    gone = of_jobs(session, [job_id] if job_id else [])
    pairs = (
        (most.micro, gone.micro, wanted.worst_micro, money_of, "money"),
        (most.tokens, gone.tokens, wanted.worst_tokens, str, "tokens"),
    )
    for limit, spent, worst, told, what in pairs:
        if limit is not None and worst and (spent or 0) + worst > limit:
            raise AllowanceSpent(
                f"the {told(limit)} {what} that were set aside for this piece do not cover a call that may take"
                f" {told(worst)}, after {told(spent or 0)}"
            )


def of_jobs(session: Session, job_ids: Sequence[str] | sa.Select[Any]) -> Limit:
    """What the calls of these jobs came to; what is not settled or was not counted, at its worst."""
    cost = sa.func.coalesce(LlmCall.cost_micro, LlmCall.reserved_micro)
    counted = sa.func.coalesce(LlmCall.input_tokens, 0) + sa.func.coalesce(LlmCall.output_tokens, 0)
    unknown = sa.and_(LlmCall.input_tokens.is_(None), sa.or_(LlmCall.state == "reserved", cost > 0))
    tokens = sa.case((unknown, LlmCall.reserved_tokens), else_=counted)
    sums = [sa.func.coalesce(sa.func.sum(each), 0) for each in (cost, tokens)]
    micro, count = session.execute(sa.select(*sums).where(LlmCall.job_id.in_(job_ids))).one()
    return Limit(int(micro), int(count))


def _row(span: Span) -> tuple[type[LlmDay] | type[LlmSpan], dict[str, str]]:
    """The table and key of a span's row."""
    if span.is_common_day:
        return LlmDay, {"day": span.begins}
    return LlmSpan, {"scope": span.scope, "subject_id": span.subject_id, "begins": span.begins}


def _spent(span: Span, wanted: Wanted, limit: Limit) -> BudgetSpent:
    money = "" if limit.micro is None else money_of(limit.micro)
    tokens = "" if limit.tokens is None else f"{limit.tokens} tokens"
    worst = (
        f"{money_of(wanted.worst_micro)} and {wanted.worst_tokens} tokens" if tokens else money_of(wanted.worst_micro)
    )
    return BudgetSpent(
        f"{span.words} ({' and '.join(filter(None, (money, tokens)))}) does not cover a call that may cost {worst};"
        f" it starts anew at {span.ends:%Y-%m-%d %H:%M} UTC, or raise it: stonehand budgets set",
        span.ends,
        span,
    )


def money_of(micro: int) -> str:
    """An amount as people write it, to four places."""
    return f"{micro / 1_000_000:.4f}".rstrip("0").rstrip(".")


def turn_away(session: Session, span: Span) -> None:
    """Remember that a budget did not cover a call, so that a person is told."""
    table, key = _row(span)
    row = insert(session, table).values(**key, committed_micro=0, committed_tokens=0, turned_away=1)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_={"turned_away": table.turned_away + 1}))


@dataclass(frozen=True)
class Ending:
    """How a call ended: what it cost (None charges all that was reserved), what was counted, and how long it took."""

    cost_micro: int | None
    usage: Usage | None = None
    outcome: str = "answered"
    took_ms: int | None = None


def settle(session: Session, call_id: str, ending: Ending) -> None:
    """Replace the reservation by the real cost. A call settles once, later tries do nothing."""
    call, usage = session.get_one(LlmCall, call_id), ending.usage
    cost = call.reserved_micro if ending.cost_micro is None else ending.cost_micro
    tokens = usage.input_tokens + usage.output_tokens if usage else call.reserved_tokens if cost else 0
    done = session.execute(
        sa.update(LlmCall)
        .where(LlmCall.id == call_id, LlmCall.state == "reserved")
        .values(
            state="settled",
            outcome=ending.outcome,
            cost_micro=cost,
            input_tokens=usage.input_tokens if usage else None,
            output_tokens=usage.output_tokens if usage else None,
            took_ms=ending.took_ms,
            settled_at=now(session),
        )
        .returning(LlmCall.id)
    ).scalar_one_or_none()
    if done:
        payer = Payer(call.agent_id, call.source_id, call.user_id)
        concerned = spans.of_call(call.day, payer, call.model_id)
        _correct(session, concerned, cost - call.reserved_micro, tokens - call.reserved_tokens)


def _correct(session: Session, concerned: Iterable[Span], micro: int, tokens: int) -> None:
    for span in concerned:
        table, key = _row(span)
        where = {f"the_{name}": value for name, value in key.items()}
        session.connection().execute(_correction(table), where | {"micro": micro, "tokens": tokens})


@cache
def _correction(table: type[_Rows]) -> Any:
    rows = cast(sa.Table, table.__table__)
    mine = (column == _P(f"the_{column.name}") for column in rows.primary_key)
    return sa.update(rows).where(*mine).values(**_added(table))


def judge(session: Session, call_id: str, outcome: str) -> None:
    """Say of a settled call that its answer could not be used after all. It costs what it costs."""
    session.execute(sa.update(LlmCall).where(LlmCall.id == call_id).values(outcome=outcome))


def settle_crashed(session: Session, before: datetime) -> None:
    """Charge in full every reservation made before `before`: whoever held it died and may well have spent it."""
    session.execute(
        sa.update(LlmCall)
        .where(LlmCall.state == "reserved", LlmCall.reserved_at < before)
        .values(state="settled", outcome=CRASHED, cost_micro=LlmCall.reserved_micro, settled_at=db.clock())
        .execution_options(synchronize_session=False)
    )


def committed(session: Session, day: str) -> int:
    """What all together have spent or reserved on `day` (`2026-05-03`), in millionths."""
    return session.scalar(sa.select(LlmDay.committed_micro).where(LlmDay.day == day)) or 0
