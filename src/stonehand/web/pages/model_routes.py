"""The pages of models, budgets and what they cost, and a person's verbs on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from pydantic import ValidationError
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.errors import Conflict, Forbidden, NotFound, Rejected
from stonehand.llm import budgets, service, trying
from stonehand.llm.ledger import money_of
from stonehand.llm.schemas import BudgetIn, ModelIn, said
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Admin, Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import model_reading as reading
from stonehand.web.pages import usage_reading
from stonehand.web.pages.models import BUDGET_FIELDS, FIELDS
from stonehand.web.pages.parts import BLANK, Field
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
LONGEST = 4000  # characters of a field
NUMBERS = (
    *("input_price", "output_price", "per_minute", "at_once", "timeout_seconds", "room"),
    *("amount", "tokens"),
)


@router.get("/models")
def index(request: Request, person: Reader) -> Response:
    """Every model, every budget."""
    return show(request, person, "models/index.html", lambda session: reading.index(session, person))


async def given(request: Request) -> dict[str, str]:
    """The fields of the form that was sent."""
    sent = await request.form()
    return {name: value[:LONGEST] for name, value in sent.items() if isinstance(value, str)}


Given = Annotated[dict[str, str], Depends(given)]


@router.post("/models")
def add(request: Request, person: Editor, typed: Given) -> Response:
    """Add a model. What is wrong stands above the form; the key is typed again."""
    try:
        wish = ModelIn.model_validate({**_told(typed, FIELDS), "is_own": typed.get("whose") == "own"})
        with db.database().transaction() as session:
            made = service.add(session, person, said(wish))
    except Forbidden:
        raise
    except (Rejected, Conflict, ValidationError) as error:
        fields = {name: Field(typed.get(name, "")) for name in FIELDS} | {"key": BLANK}
        words = in_words(error)
        look = lambda session: reading.index(session, person, fields, words)  # noqa: E731
        return show(request, person, "models/index.html", look, 422)
    return flash.redirect("/models", Flash(f"Added {made.name}. Try it out: it has not been asked yet."))


def _told(typed: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    """What was really typed; numbers may have a comma."""
    given = {name: typed.get(name, "").strip() for name in names}
    return {name: value.replace(",", ".") if name in NUMBERS else value for name, value in given.items() if value}


def in_words(error: Exception) -> str:
    """What is wrong, as a sentence."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False)[0]
        words = f"{' '.join(map(str, first['loc'])).replace('_', ' ')}: {first['msg']}"
    else:
        words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


@router.post("/models/order")
def order(person: Editor, ids: Annotated[str, Form(max_length=8000)] = "") -> Response:
    """Ask them in this order."""
    with db.database().transaction() as session:
        service.order(session, person, [each for each in ids.split(",") if each and _may(session, person, each)])
    return flash.redirect("/models", Flash("The order is changed.", "quiet"))


def _may(session: db.Session, person: Person, model_id: str) -> bool:
    try:
        service.changeable(session, person, model_id)
    except (NotFound, Forbidden, Rejected):
        return False
    return True


@router.post("/models/{model_id}/enable")
def enable(model_id: ById, person: Editor) -> Response:
    """Ask it again."""
    return _switch(model_id, person, True)


@router.post("/models/{model_id}/disable")
def disable(model_id: ById, person: Editor) -> Response:
    """Ask it no more."""
    return _switch(model_id, person, False)


def _switch(model_id: str, person: Person, on: bool) -> Response:
    with db.database().transaction() as session:
        name = service.edit(session, person, model_id, {"is_enabled": on}).name
    words = f"{name} is asked again." if on else f"{name} is asked no more."
    return flash.redirect("/models", Flash(words, "quiet", f"/models/{model_id}/{'disable' if on else 'enable'}"))


@router.post("/models/{model_id}/key")
def key(model_id: ById, person: Editor, key: Annotated[str, Form(max_length=4000)] = "") -> Response:
    """Another key."""
    try:
        with db.database().transaction() as session:
            name = service.edit(session, person, model_id, {"key": key}).name
    except Forbidden:
        raise
    except Rejected as error:
        return flash.redirect("/models", Flash(in_words(error), "bad"))
    return flash.redirect("/models", Flash(f"{name} has another key. Try it out."))


@router.post("/models/{model_id}/test")
def test(model_id: ById, person: Editor) -> Response:
    """Ask it a tiny question, now."""
    tried = trying.attempt(person, model_id)
    if not tried.is_well:
        return flash.redirect("/models", Flash(tried.trouble, "bad"))
    cost = f"cost {money_of(tried.cost_micro)}" if tried.cost_micro else "cost nothing"
    return flash.redirect("/models", Flash(f"{tried.model} answered after {tried.milliseconds} ms; that {cost}."))


@router.post("/models/{model_id}/remove")
def remove(model_id: ById, person: Editor) -> Response:
    """Forget it, with its key."""
    with db.database().transaction() as session:
        name = service.changeable(session, person, model_id).name
        service.remove(session, person, model_id)
    return flash.redirect("/models", Flash(f"Removed {name} with its key.", "quiet"))


@router.post("/budgets")
def put_budget(request: Request, person: Admin, typed: Given) -> Response:
    """Set a budget. What is wrong stands above the form."""
    try:
        told = _told(typed, BUDGET_FIELDS)
        scope, _, subject = told.pop("whose", "all:").partition(":")
        wish = BudgetIn.model_validate(told | {"scope": scope, "subject_id": subject})
        with db.database().transaction() as session:
            budgets.put(session, person, wish.scope, wish.subject_id, wish.period, wish.amount, wish.tokens)
    except Forbidden:
        raise
    except (Rejected, ValidationError) as error:
        fields = {name: Field(typed.get(name, "")) for name in BUDGET_FIELDS}
        words = in_words(error)
        look = lambda session: reading.index(session, person, budget=fields, said_of_budget=words)  # noqa: E731
        return show(request, person, "models/index.html", look, 422)
    return flash.redirect("/models", Flash("The budget counts from now on."))


@router.post("/budgets/{budget_id}/remove")
def remove_budget(budget_id: ById, person: Admin) -> Response:
    """Take it away."""
    with db.database().transaction() as session:
        budgets.remove(session, person, budget_id)
    return flash.redirect("/models", Flash("The budget is gone.", "quiet"))


@router.get("/usage")
def usage(request: Request, person: Reader, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """What language models have cost."""
    return show(request, person, "models/usage.html", lambda session: usage_reading.index(session, days))
