"""From configured models and budgets to what their page shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.limits import breakers
from stonehand.limits.errors import BreakerOpen
from stonehand.llm import budgets, known_prices, service
from stonehand.llm.budgets import FROM_SETTINGS, Limit, Standing
from stonehand.llm.configured import ENVIRONMENT, Candidate
from stonehand.llm.ledger import money_of
from stonehand.llm.providers import PROVIDERS
from stonehand.reports import spending
from stonehand.web.pages import model_health
from stonehand.web.pages.model_form_reading import subjects
from stonehand.web.pages.model_health import Health
from stonehand.web.pages.models import BudgetRow, ModelRow, ModelsView, Option
from stonehand.web.pages.parts import Badge, Field

LOW = 0.8  # of a budget


def index(
    session: Session,
    person: Person,
    fields: Mapping[str, Field] | None = None,
    said: str = "",
    budget: Mapping[str, Field] | None = None,
    said_of_budget: str = "",
) -> ModelsView:
    """Every model that this person may see, and every budget; the fields keep what was typed."""
    found = service.all_visible(session, person)
    refusals = breakers.refusals(session, {each.host for each in found})
    healths = model_health.of(session, found)
    view = ModelsView(
        models=tuple(
            _row(person, each, place, found, refusals.get(each.host), healths[each.id])
            for place, each in enumerate(found)
        ),
        budgets=tuple(_budget(session, each, person) for each in budgets.standings(session)),
        providers=tuple(Option(each.name, each.title) for each in PROVIDERS.values()),
        subjects=subjects(session, person) if person.may("admin") else (),
        prices_of=known_prices.AS_OF,
        can_edit=person.may("edit"),
        can_admin=person.may("admin"),
        said=said,
        said_of_budget=said_of_budget,
    )
    view = replace(view, fields={**view.fields, **(fields or {})})
    return replace(view, budget={**view.budget, **(budget or {})})


def _row(
    person: Person, each: Candidate, place: int, found: list[Candidate], refusal: BreakerOpen | None, health: Health
) -> ModelRow:
    may = person.may("admin") or bool(person.id and each.owner_id == person.id and person.may("edit"))
    return ModelRow(
        id=each.id,
        name=each.name,
        provider=each.provider.title,
        model=each.model,
        where=each.base_url,
        badge=_badge(each, place, refusal, health),
        price=_price(each),
        price_note="" if each.has_own_prices or each.provider.is_free else "by the built-in table",
        limits=_limits(each),
        health=health.words,
        trouble=health.refused or (str(refusal) if refusal else health.rests),
        trouble_at=each.refused_at,
        is_enabled=each.is_enabled,
        is_own=bool(each.owner_id),
        is_of_settings=each.id == ENVIRONMENT,
        can_change=may,
        up=_moved_up([one.id for one in found], place) if may and place else "",
    )


def _badge(each: Candidate, place: int, refusal: BreakerOpen | None, health: Health) -> Badge:
    if not each.is_enabled:
        return Badge("Switched off")
    if each.refused_at is not None:
        return Badge("Key refused", "bad")
    if refusal is not None:
        return Badge("Does not answer", "bad")
    if health.rests:
        return Badge("Rests", "warn")
    return Badge("Asked first", "good") if place == 0 else Badge("Asked if others fail", "quiet")


def _price(each: Candidate) -> str:
    if not each.prices.input and not each.prices.output:
        return "costs nothing"
    return f"{each.prices.input:g} in, {each.prices.output:g} out"


def _limits(each: Candidate) -> str:
    pace = f"{each.per_minute} a minute" if each.per_minute else ""
    return ", ".join(filter(None, (pace, f"{each.at_once} at once" if each.at_once else "")))


def _moved_up(ids: list[str], place: int) -> str:
    ids[place - 1], ids[place] = ids[place], ids[place - 1]
    return ",".join(ids)


def _budget(session: Session, each: Standing, person: Person) -> BudgetRow:
    share = each.share
    badge = (
        Badge("Spent", "bad")
        if each.turned_away
        else Badge("Nearly spent", "warn")
        if share >= LOW
        else Badge("Fits", "good")
    )
    if each.turned_away:
        calls = "1 call" if each.turned_away == 1 else f"{each.turned_away} calls"
        badge = Badge(f"Spent: {calls} turned away", "bad")
    return BudgetRow(
        id=each.id,
        whose=_whose(session, each),
        period=f"a {each.span.period}",
        most=_amount(each.limit),
        spent=_amount(Limit(each.spent.micro, each.spent.tokens if each.limit.tokens is not None else None)),
        width=min(100, round(100 * share)),
        badge=badge,
        ends_at=each.span.ends,
        can_remove=person.may("admin") and each.id != FROM_SETTINGS,
    )


def _whose(session: Session, each: Standing) -> str:
    scope, subject = each.span.scope, each.span.subject_id
    if scope == "all":
        return "All together" if each.id != FROM_SETTINGS else "All together (from the settings)"
    return f"{scope.capitalize()} {spending.called(session, scope, [subject])[subject]}" if subject else f"Each {scope}"


def _amount(limit: Limit) -> str:
    money = "" if limit.micro is None else money_of(limit.micro)
    tokens = "" if limit.tokens is None else f"{limit.tokens:,} tokens".replace(",", " ")
    return ", ".join(filter(None, (money, tokens))) or "–"
