"""Language models: which are asked and in which order, what they cost, and what they may."""

from __future__ import annotations

from fastapi import APIRouter

from stonehand import db
from stonehand.llm import budgets, known_prices, service, trying
from stonehand.llm.budgets import Standing
from stonehand.llm.models import LlmBudget
from stonehand.llm.providers import PROVIDERS
from stonehand.llm.schemas import (
    BudgetIn,
    BudgetOut,
    ModelChange,
    ModelIn,
    ModelOut,
    OrderIn,
    PriceOut,
    ProviderOut,
    TriedOut,
    said,
)
from stonehand.web.api.contract import ById, Page, problems, whole
from stonehand.web.deps import Admin, Editor, Reader

router = APIRouter(tags=["models"])


@router.get("/models", summary="Every language model, in the order in which they are asked")
def listing(person: Reader) -> Page[ModelOut]:
    """Those for everybody and your own; never their keys. The one in the settings has the id `environment`."""
    with db.database().read() as session:
        return whole([ModelOut.of(each) for each in service.all_visible(session, person)])


@router.get("/models/providers", summary="Whose models can be asked")
def providers(person: Reader) -> Page[ProviderOut]:
    """`compatible` is any other server that speaks like OpenAI's."""
    return whole([ProviderOut.model_validate(each) for each in PROVIDERS.values()])


@router.get("/models/prices", summary="What well-known models cost")
def prices(person: Reader) -> Page[PriceOut]:
    """The built-in table, with its date. A price that a person gives for a model goes before it."""
    table = known_prices.PRICES.items()
    return whole([PriceOut(model=name, input=p.input, output=p.output, as_of=known_prices.AS_OF) for name, p in table])


@router.put("/models/order", responses=problems(404), summary="Say which models are asked first")
def order(wish: OrderIn, person: Editor) -> Page[ModelOut]:
    """Those that are not named follow as before. Whose model it is, or an administrator."""
    with db.database().transaction() as session:
        return whole([ModelOut.of(each) for each in service.order(session, person, wish.ids)])


@router.post("/models", status_code=201, responses=problems(409), summary="Add a language model")
def add(wish: ModelIn, person: Editor) -> ModelOut:
    """For everybody it takes an administrator; with `is_own` it serves only you, and no address inside our networks."""
    with db.database().transaction() as session:
        return ModelOut.of(service.add(session, person, said(wish)))


@router.get("/models/{model_id}", responses=problems(404), summary="One language model")
def one(model_id: ById, person: Reader) -> ModelOut:
    """Without its key."""
    with db.database().read() as session:
        return ModelOut.of(service.visible(session, person, model_id))


@router.patch("/models/{model_id}", responses=problems(404, 409), summary="Change a language model")
def change(model_id: ById, wish: ModelChange, person: Editor) -> ModelOut:
    """A key that is not sent stays, unless the address leads to another host."""
    with db.database().transaction() as session:
        return ModelOut.of(service.edit(session, person, model_id, said(wish)))


@router.delete("/models/{model_id}", status_code=204, responses=problems(404), summary="Forget a language model")
def remove(model_id: ById, person: Editor) -> None:
    """Its key and its budgets go, what it cost stays written."""
    with db.database().transaction() as session:
        service.remove(session, person, model_id)


@router.post("/models/{model_id}/test", responses=problems(404), summary="Try a language model out")
def test(model_id: ById, person: Editor) -> TriedOut:
    """Asks it a tiny question at once; says how long that took and what it cost, or what is wrong."""
    return TriedOut.of(trying.attempt(person, model_id))


@router.get("/budgets", summary="Every budget, and what is gone of it")
def list_budgets(person: Reader) -> Page[BudgetOut]:
    """That of the settings has the id `settings`. Of a budget for each agent or so, those who spent most are listed."""
    with db.database().read() as session:
        return whole([BudgetOut.of(each) for each in budgets.standings(session)])


@router.put("/budgets", summary="Say how much may be spent")
def put_budget(wish: BudgetIn, person: Admin) -> BudgetOut:
    """Of all together, or of one or each agent, source, user or model, in a day or a month (UTC). It counts at once."""
    with db.database().transaction() as session:
        made = budgets.put(session, person, wish.scope, wish.subject_id, wish.period, wish.amount, wish.tokens)
        return BudgetOut.of(_standing(session, made))


def _standing(session: db.Session, made: LlmBudget) -> Standing:
    return next(
        each
        for each in budgets.standings(session)
        if each.id == made.id and each.span.subject_id == made.subject_id and each.span.period == made.period
    )


@router.delete("/budgets/{budget_id}", status_code=204, responses=problems(404), summary="Take a budget away")
def remove_budget(budget_id: ById, person: Admin) -> None:
    """Without one for all together in a day, that of the settings counts again."""
    with db.database().transaction() as session:
        budgets.remove(session, person, budget_id)
