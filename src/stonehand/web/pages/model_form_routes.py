"""The page on which a configured model is changed."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.errors import Conflict, Forbidden, Rejected
from stonehand.llm import budgets, service
from stonehand.llm.configured import ENVIRONMENT
from stonehand.llm.models import PERIODS
from stonehand.llm.schemas import BudgetIn, ModelChange, said
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor
from stonehand.web.flash import Flash
from stonehand.web.pages import model_form_reading as reading
from stonehand.web.pages.model_routes import Given, in_words
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)


@router.get("/models/{model_id}/edit")
def edit(request: Request, model_id: ById, person: Editor) -> Response:
    """The form of a model."""
    return show(request, person, "models/edit.html", lambda session: reading.form(session, person, model_id))


@router.post("/models/{model_id}/edit")
def change(request: Request, model_id: ById, person: Editor, typed: Given) -> Response:
    """Change a model and its budgets, or nothing. What is wrong stands above the form; a key is typed again."""
    try:
        wish = ModelChange.model_validate(reading.wanted(typed, model_id == ENVIRONMENT))
        with db.database().transaction() as session:
            made = service.edit(session, person, model_id, said(wish))
            if person.may("admin"):
                _put_budgets(session, person, model_id, typed)
    except Forbidden:
        raise
    except (Rejected, Conflict, ValidationError) as error:
        words = in_words(error)
        look = lambda session: reading.form(session, person, model_id, typed, words)  # noqa: E731
        return show(request, person, "models/edit.html", look, 422)
    return flash.redirect("/models", Flash(f"{made.name} is changed. Try it out."))


def _put_budgets(session: db.Session, person: Person, model_id: str, typed: Mapping[str, str]) -> None:
    """The money of its own budgets, as far as it was typed; a limit of tokens stays."""
    before = budgets.own(session, "model", model_id)
    for period in PERIODS:
        text, row = typed.get(f"{period}_budget"), before.get(period)
        if text is None:
            continue
        wish = BudgetIn.model_validate({"amount": text.strip().replace(",", ".") or None})
        tokens = row.limit_tokens if row else None
        if wish.amount is not None or tokens is not None:
            if row is None or budgets.micro(wish.amount or 0) != row.limit_micro or wish.amount is None:
                budgets.put(session, person, "model", model_id, period, wish.amount, tokens)
        elif row is not None:
            budgets.remove(session, person, row.id)
