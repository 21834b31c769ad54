"""From a configured model to the form in which a person changes it, and from what was typed to what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from stonehand.accounts import queries as accounts
from stonehand.accounts.permissions import Person
from stonehand.agents import queries as agents
from stonehand.db import Session
from stonehand.llm import budgets, service
from stonehand.llm.configured import ENVIRONMENT, Candidate
from stonehand.llm.ledger import money_of
from stonehand.llm.models import PERIODS
from stonehand.sources import queries as sources
from stonehand.web.pages.models import EDITED, ModelForm, Option, Subjects
from stonehand.web.pages.parts import BLANK, Field

OF_SETTINGS = ("per_minute", "at_once", "timeout_seconds", "room")
NUMBERS = ("input_price", "output_price", *OF_SETTINGS)


def form(
    session: Session, person: Person, model_id: str, typed: Mapping[str, str] | None = None, said: str = ""
) -> ModelForm:
    """The form of a model, with what was typed into it. Raises `ModelNotFound`, `PermissionMissing`."""
    found = service.changeable(session, person, model_id)
    values = _values(session, found) if typed is None else dict(typed)
    return ModelForm(
        id=found.id,
        name=found.name,
        provider=found.provider.title,
        fields={name: Field(values.get(name, "")) for name in EDITED} | {"key": BLANK},
        has_key=bool(found.sealed),
        is_own=values["whose"] == "own" if "whose" in values else bool(found.owner_id),
        is_of_settings=found.id == ENVIRONMENT,
        can_admin=person.may("admin"),
        said=said,
    )


def _values(session: Session, found: Candidate) -> dict[str, str]:
    prices = (found.prices.input, found.prices.output) if found.has_own_prices else (None, None)
    known = {
        "name": found.name,
        "model": found.model,
        "base_url": found.base_url,
        "input_price": prices[0],
        "output_price": prices[1],
        "per_minute": found.per_minute,
        "at_once": found.at_once,
        "timeout_seconds": found.timeout,
        "room": found.room or None,
    }
    told = {name: f"{value:g}" if isinstance(value, (int, float)) else value or "" for name, value in known.items()}
    limits = {period: row.limit_micro for period, row in budgets.own(session, "model", found.id).items()}
    return told | {
        f"{period}_budget": "" if limits.get(period) is None else money_of(limits[period] or 0) for period in PERIODS
    }


def wanted(typed: Mapping[str, str], is_of_settings: bool) -> dict[str, Any]:
    """What was typed, as the API would be told it: an empty field goes back to what is usual."""
    names = OF_SETTINGS if is_of_settings else NUMBERS
    told: dict[str, Any] = {name: typed[name].strip().replace(",", ".") or None for name in names if name in typed}
    if not is_of_settings:
        told |= {name: typed[name].strip() for name in ("name", "model") if name in typed}
        told |= {name: typed[name].strip() for name in ("base_url", "key") if typed.get(name, "").strip()}
        told |= {"is_own": typed["whose"] == "own"} if typed.get("whose") else {}
    return told


def subjects(session: Session, person: Person) -> tuple[Subjects, ...]:
    """Whose a budget can be: `scope:id`, by their names."""
    found = {
        "agent": ("Agents", "each agent", {each.id: each.name for each in agents.agents(session)}),
        "model": ("Models", "each model", {each.id: each.name for each in service.all_visible(session, person)}),
        "user": ("People", "each person", {each.id: each.name for each in accounts.users(session)}),
        "source": (
            "Sources",
            "each source",
            {each.id: each.title or each.url for each in sources.all_sources(session)},
        ),
    }
    return (
        Subjects("", (Option("all:", "all together"),)),
        *(
            Subjects(
                title, (Option(f"{scope}:", each), *(Option(f"{scope}:{id_}", name) for id_, name in named.items()))
            )
            for scope, (title, each, named) in found.items()
        ),
    )
