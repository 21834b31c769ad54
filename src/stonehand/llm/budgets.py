"""The most that may be spent: what holds for a call, and what a person sets. Amounts are millionths of the currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand import config, db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.llm import spans
from stonehand.llm.errors import BudgetNotFound, BudgetUnfit
from stonehand.llm.models import PERIODS, SCOPES, LlmBudget, LlmDay, LlmSpan
from stonehand.llm.spans import Span

MOST = 1e12  # of the currency; more is a slip of the pen
FROM_SETTINGS = "settings"


@dataclass(frozen=True)
class Limit:
    """How much a span may hold; None is no limit."""

    micro: int | None = None
    tokens: int | None = None


@dataclass(frozen=True)
class Standing:
    """A budget and how much of it is gone now. `id` is `settings` for the one that the settings give."""

    id: str
    span: Span
    limit: Limit
    spent: Limit
    turned_away: int
    changed_by: str = ""

    @property
    def share(self) -> float:
        """How much of it is gone, 0 to 1 and more."""
        pairs = ((self.spent.micro, self.limit.micro), (self.spent.tokens, self.limit.tokens))
        return max(((spent or 0) / limit if limit else 1.0) for spent, limit in pairs if limit is not None)


def micro(amount: float) -> int:
    """Millionths of an amount."""
    return round(amount * 1_000_000)


def common_day() -> Limit:
    """What the settings let all together spend in a day, unless a person has said otherwise."""
    return Limit(micro(config.settings().llm_daily_budget))


def limits(session: Session, wanted: Sequence[Span]) -> dict[Span, Limit]:
    """What holds for each of these that has a limit: its own, else that of each of its kind."""
    subjects = {span.subject_id for span in wanted} | {""}
    rows = session.scalars(sa.select(LlmBudget).where(LlmBudget.subject_id.in_(subjects)))
    said = {(row.scope, row.subject_id, row.period): Limit(row.limit_micro, row.limit_tokens) for row in rows}
    found = {}
    for span in wanted:
        own = said.get((span.scope, span.subject_id, span.period)) or said.get((span.scope, "", span.period))
        if own is None and span.is_common_day:
            own = common_day()
        if own is not None:
            found[span] = own
    return found


def standings(session: Session) -> list[Standing]:
    """Every budget with what is gone of it: those of all together first."""
    moment = db.now(session)
    rows = list(session.scalars(sa.select(LlmBudget)))
    order = {scope: place for place, scope in enumerate(SCOPES)}
    rows.sort(key=lambda row: (order[row.scope], row.subject_id, row.period))
    found = [each for row in rows for each in _of_row(session, row, moment)]
    if not any(each.span.is_common_day for each in found):
        day = spans.now_of(moment, "all", "", "day")
        found.insert(0, _standing(session, FROM_SETTINGS, day, common_day()))
    return found


def _of_row(session: Session, row: LlmBudget, moment: datetime) -> list[Standing]:
    """One, or of a budget for each of its kind those that have spent anything now, the largest first."""
    limit, now = Limit(row.limit_micro, row.limit_tokens), spans.now_of(moment, row.scope, row.subject_id, row.period)
    mine = [_standing(session, row.id, now, limit, row.changed_by)]
    if row.scope == "all" or row.subject_id:
        return mine
    special = sa.select(LlmBudget.subject_id).where(LlmBudget.scope == row.scope, LlmBudget.period == row.period)
    here = sa.select(LlmSpan).where(LlmSpan.scope == row.scope, LlmSpan.begins == now.begins)
    order = (LlmSpan.turned_away.desc(), LlmSpan.committed_micro.desc(), LlmSpan.subject_id)
    largest = here.where(LlmSpan.subject_id.not_in(special)).order_by(*order).limit(10)
    each = [Span(row.scope, one.subject_id, now.begins) for one in session.scalars(largest)]
    return mine + [_standing(session, row.id, span, limit, row.changed_by) for span in each]


def _standing(session: Session, id_: str, span: Span, limit: Limit, by: str = "") -> Standing:
    row: LlmDay | LlmSpan | None
    if span.is_common_day:
        row = session.get(LlmDay, span.begins)
    else:
        row = session.get(LlmSpan, (span.scope, span.subject_id, span.begins))
    spent = Limit(row.committed_micro, row.committed_tokens) if row else Limit(0, 0)
    return Standing(id_, span, limit, spent, row.turned_away if row else 0, by)


def put(
    session: Session, person: Person, scope: str, subject_id: str, period: str, amount: float | None, tokens: int | None
) -> LlmBudget:
    """Set what may be spent from now on. What was turned away before is forgotten.

    Raises `BudgetUnfit`, `PermissionMissing`.
    """
    person.require("admin")
    _check(scope, subject_id, period, amount, tokens)
    said = {
        "limit_micro": None if amount is None else micro(amount),
        "limit_tokens": tokens,
        "changed_by": person.name[:120],
        "changed_at": db.now(session),
    }
    key = {"scope": scope, "subject_id": subject_id, "period": period}
    row = db.insert(session, LlmBudget).values(id=db.new_id(), **key, **said)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=said))
    made = session.scalars(sa.select(LlmBudget).filter_by(**key).execution_options(populate_existing=True)).one()
    _forget_turned_away(session, scope, subject_id, period)
    detail = {"of": f"{scope} {subject_id}".strip(), "period": period, "amount": amount, "most_tokens": tokens}
    accounts.record(session, person, "set", "budget", made.id, detail)
    return made


def _check(scope: str, subject_id: str, period: str, amount: float | None, tokens: int | None) -> None:
    if scope not in SCOPES or period not in PERIODS:
        raise BudgetUnfit(f"a budget is of one of {', '.join(SCOPES)} and for a day or a month")
    if scope == "all" and subject_id:
        raise BudgetUnfit("the budget of all together is nobody's own; leave its id out")
    if amount is None and tokens is None:
        raise BudgetUnfit("say how much: an amount of money, a number of tokens, or both")
    if (amount is not None and not 0 <= amount <= MOST) or (tokens is not None and not 0 <= tokens <= MOST):
        raise BudgetUnfit("a budget is 0 or more; 0 asks no model that costs anything")


def _forget_turned_away(session: Session, scope: str, subject_id: str, period: str) -> None:
    now = spans.now_of(db.now(session), scope, subject_id, period)
    if now.is_common_day:
        session.execute(sa.update(LlmDay).where(LlmDay.day == now.begins).values(turned_away=0))
        return
    change = sa.update(LlmSpan).where(LlmSpan.scope == scope, LlmSpan.begins == now.begins)
    mine = change.where(LlmSpan.subject_id == subject_id) if subject_id or scope == "all" else change
    session.execute(mine.values(turned_away=0))


def own(session: Session, scope: str, subject_id: str) -> dict[str, LlmBudget]:
    """The budgets that somebody set for just this one, by `day` and `month`."""
    return {
        row.period: row for row in session.scalars(sa.select(LlmBudget).filter_by(scope=scope, subject_id=subject_id))
    }


def remove(session: Session, person: Person, budget_id: str) -> None:
    """Take a budget away. Raises `BudgetNotFound`, `PermissionMissing`."""
    person.require("admin")
    found = session.get(LlmBudget, budget_id)
    if found is None:
        hint = "; that of the settings is STONEHAND_LLM_DAILY_BUDGET" if budget_id == FROM_SETTINGS else ""
        raise BudgetNotFound(f"there is no budget {budget_id}{hint}")
    _forget_turned_away(session, found.scope, found.subject_id, found.period)
    session.delete(found)
    detail = {"of": f"{found.scope} {found.subject_id}".strip(), "period": found.period}
    accounts.record(session, person, "removed", "budget", budget_id, detail)
