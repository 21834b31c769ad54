"""Curations: the best diverse set of articles for a topic, or of a list of addresses."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.articles import queries as articles
from stonehand.curation import choosing, comparing, queries, service
from stonehand.curation.schemas import (
    CurationIn,
    CurationOut,
    ItemOut,
    RulesIn,
    SavedWeightsOut,
    WeightsIn,
    every_weights,
)
from stonehand.curation.states import ItemState
from stonehand.web.api.contract import Before, ById, Limit, Page, Wish, page, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/curations", tags=["curations"])
NAME = r"^[^\x00]*$"
Name = Annotated[str, Path(max_length=60, pattern=NAME, description="A name of weights.")]
Which = Annotated[str, Query(max_length=60, pattern=NAME, description="Names of saved weights, or `standard`.")]
Show = Annotated[Literal["chosen", "left_out", "failed", "waiting", "all"], Query(description="Which items.")]
Start = Annotated[int, Query(ge=0, le=1000, description="Items to leave out at the beginning.")]
SHOWN = {"failed": ItemState.FAILED, "waiting": ItemState.WAITING}


class Again(Wish):
    """By which weights and rules to judge anew. Left out, the weights stay."""

    weights: str = Field(default="", max_length=60)
    max_articles: int = Field(default=20, ge=1, le=1000)
    rules: RulesIn = RulesIn()


class InUse(Wish):
    """The weights that a wish without any gets."""

    name: str = Field(max_length=60)


class Moved(BaseModel):
    """An article under two sets of weights; a place is null where it is not chosen."""

    item_id: str
    article_id: str
    title: str
    place_a: int | None
    place_b: int | None
    score_a: float
    score_b: float


class Comparison(BaseModel):
    """What two sets of weights make of the same articles. `shared` of those chosen are the same."""

    a: str
    b: str
    shared: int
    items: list[Moved]


@router.post("", status_code=202, responses=problems(404), summary="Curate a topic or a list of addresses")
def submit(wish: CurationIn, person: Editor) -> CurationOut:
    """As a job; what it has done so far is at `GET /curations/{curation_id}`, while it runs and when it was stopped."""
    with db.database().transaction() as session:
        made = service.submit(session, wish.wish(session), person.name)
        accounts.record(
            session, person, "asked for", "curation", made.id, {"topic": made.topic, "urls": len(wish.urls)}
        )
        return CurationOut.of(session, made)


@router.get("", summary="Curations, newest first")
def listing(person: Reader, before: Before = None, limit: Limit = 50) -> Page[CurationOut]:
    """Everybody's."""
    with db.database().read() as session:
        return page(queries.recent(session, limit + 1, before), limit, lambda each: CurationOut.of(session, each))


@router.get("/weights", summary="Every set of weights")
def weights(person: Reader) -> Page[SavedWeightsOut]:
    """The standard first, then by name."""
    with db.database().read() as session:
        return whole(every_weights(session))


@router.put("/weights-in-use", responses=problems(404), summary="Choose the weights that are used")
def use(wish: InUse, person: Editor) -> Page[SavedWeightsOut]:
    """`standard` goes back to those of before."""
    with db.database().transaction() as session:
        service.use_weights(session, person, wish.name)
        session.flush()
        session.expire_all()
        return whole(every_weights(session))


@router.put("/weights/{name}", responses=problems(409), summary="Save weights")
def save(name: Name, wish: WeightsIn, person: Editor) -> SavedWeightsOut:
    """Your own of that name are replaced."""
    with db.database().transaction() as session:
        return SavedWeightsOut.model_validate(service.save_weights(session, person, name, wish.checked()))


@router.delete("/weights/{name}", status_code=204, responses=problems(404), summary="Forget weights")
def forget_weights(name: Name, person: Editor) -> None:
    """What was judged by them stays."""
    with db.database().transaction() as session:
        service.remove_weights(session, person, name)


@router.get("/{curation_id}", responses=problems(404), summary="How a curation stands")
def one(curation_id: ById, person: Reader) -> CurationOut:
    """Its counts, its rules and weights, and why it ended."""
    with db.database().read() as session:
        return CurationOut.of(session, queries.curation(session, curation_id))


@router.get("/{curation_id}/items", responses=problems(404), summary="What a curation holds")
def items(
    curation_id: ById, person: Reader, show: Show = "chosen", start: Start = 0, limit: Limit = 50
) -> Page[ItemOut]:
    """Chosen ones in their order, then the rest by score; each with the parts of its score or why it failed."""
    with db.database().read() as session:
        queries.curation(session, curation_id)
        found = queries.items(session, curation_id, [SHOWN[show]] if show in SHOWN else ())
        if show in ("chosen", "left_out"):
            found = [each for each in found if (each.place is not None if show == "chosen" else each.left_out)]
        part = found[start : start + limit]
        known = articles.articles(session, [each.article_id for each in part if each.article_id])
        following = str(start + limit) if len(found) > start + limit else None
        return Page(items=[ItemOut.of(each, known) for each in part], next=following, limit=limit)


@router.get("/{curation_id}/compare", responses=problems(404), summary="Compare two sets of weights")
def compare(curation_id: ById, person: Reader, a: Which = "", b: Which = "") -> Comparison:
    """What becomes of the same articles; without `a` by the curation's own weights. Nothing is changed."""
    with db.database().read() as session:
        found = queries.curation(session, curation_id)
        names, sides = comparing.sides(session, found, a, b)
        rows = choosing.candidates(session, found.id)
    moved = [
        Moved(
            item_id=row.item_id,
            article_id=row.article_id,
            title=row.title,
            place_a=sides[0][row.item_id].place,
            place_b=sides[1][row.item_id].place,
            score_a=sides[0][row.item_id].score,
            score_b=sides[1][row.item_id].score,
        )
        for row in rows
    ]
    moved.sort(key=lambda each: (each.place_b or 10_000, each.place_a or 10_000, -each.score_b))
    shared = sum(each.place_a is not None and each.place_b is not None for each in moved)
    return Comparison(a=names[0], b=names[1], shared=shared, items=moved)


@router.post("/{curation_id}/choose", responses=problems(404), summary="Judge a curation anew")
def choose(curation_id: ById, wish: Again, person: Editor) -> CurationOut:
    """By other weights or rules; nothing is fetched again."""
    with db.database().transaction() as session:
        rules = service.rules(wish.max_articles, **wish.rules.changes())
        found = service.choose_again(session, person, curation_id, wish.weights, rules)
        return CurationOut.of(session, found)


@router.post("/{curation_id}/stop", responses=problems(404, 409), summary="Stop a curation")
def stop(curation_id: ById, person: Editor) -> CurationOut:
    """What was scored by now stays, and the best of it are chosen."""
    with db.database().transaction() as session:
        return CurationOut.of(session, service.stop(session, person, curation_id))


@router.delete("/{curation_id}", status_code=204, responses=problems(404), summary="Remove a curation")
def remove(curation_id: ById, person: Editor) -> None:
    """Its articles stay."""
    with db.database().transaction() as session:
        service.remove(session, person, curation_id)
