"""Curating: the form, a curation while it runs and when it is done, comparing, and weights."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from stonehand import config, db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.curation import queries, service
from stonehand.curation.weights import PARTS, Weights, checked
from stonehand.curation.wishes import MOST_URLS, Wish
from stonehand.errors import Conflict, NotFound, Rejected
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import curation_reading as reading
from stonehand.web.pages.curation_reading import Wanted
from stonehand.web.pages.curations import CurationForm
from stonehand.web.pages.showing import show
from stonehand.web.pages.typed import SAFE, number, whole

router = APIRouter(prefix="/curate", include_in_schema=False)
Before = Annotated[str | None, Query(pattern=r"^[0-9a-f-]{1,64}$")]
Word = Annotated[str, Query(max_length=100, pattern=SAFE)]
Typed = Annotated[str, Form(max_length=1000, pattern=SAFE)]
Short = Annotated[str, Field(max_length=1000, pattern=SAFE)]
Long = Annotated[str, Field(max_length=MOST_URLS * 2049, pattern=SAFE)]
MOST_COMPARED = 5


class NewCuration(BaseModel):
    """The form of a new curation, as it is typed."""

    topic: Short = ""
    urls: Long = ""
    within: Short = ""
    most: Short = "20"
    limit: Short = "300"
    weights: Short = ""
    with_sources: Short = ""
    diversify: Short = ""


class Anew(BaseModel):
    """By which weights and rules to judge anew, as it is typed."""

    weights: Short = ""
    most: Short = "20"
    domain_cap: Short = ""
    duplicate: Short = ""
    cluster: Short = ""
    cluster_cap: Short = ""
    by_cluster: Short = ""
    diversify: Short = ""


class NewWeights(BaseModel):
    """The form of weights, as it is typed."""

    name: Short = ""
    readability: Short = ""
    entities: Short = ""
    neutrality: Short = ""
    relevance: Short = ""
    recency: Short = ""
    reputation: Short = ""
    coherence: Short = ""
    half_life: Short = ""
    half_lives: Short = ""
    trusted: Long = ""
    doubted: Long = ""


class Seen(BaseModel):
    """How somebody wants to see the items."""

    show: Short = "chosen"
    sort: Short = "place"
    least: Short = ""
    host: Short = ""
    weights: Short = ""
    start: Annotated[int, Field(ge=0, le=1000)] = 0


class Compared(BaseModel):
    """Articles to compare, or two names of weights."""

    item: Annotated[list[Short], Field(max_length=20)] = []
    a: Short = ""
    b: Short = ""


@router.get("")
def index(request: Request, person: Reader, topic: Word = "", before: Before = None) -> Response:
    """The form, and what was curated lately."""
    form = CurationForm(topic=topic, diversify=config.settings().diversify_results)
    return show(request, person, "curations/index.html", lambda session: reading.index(session, person, form, before))


@router.post("")
def submit(request: Request, person: Editor, typed: Annotated[NewCuration, Form()]) -> Response:
    """Begin a curation, and show how far it is."""
    chosen = {"with_sources": bool(typed.with_sources), "diversify": bool(typed.diversify)}
    form = CurationForm(**typed.model_dump() | chosen)
    try:
        with db.database().transaction() as session:
            made = service.submit(session, _wish(session, form), person.name)
            accounts.record(session, person, "asked for", "curation", made.id, {"topic": made.topic})
    except (Rejected, NotFound) as error:
        return _again(request, person, form, _said(error))
    return flash.redirect(f"/curate/{made.id}")


def _wish(session: db.Session, form: CurationForm) -> Wish:
    name, weights = queries.weights(session, form.weights)
    return Wish(
        topic=form.topic,
        urls=form.urls.splitlines(),
        within=form.within,
        with_sources=form.with_sources,
        weights=weights,
        weights_name=name,
        rules=service.rules(whole(form.most, "the number of articles"), diversify=form.diversify),
        limit_seconds=whole(form.limit, "the time limit"),
    )


def _again(request: Request, person: Person, form: CurationForm, error: str) -> Response:
    wrong = CurationForm(**{**vars(form), "error": error, "more": True})
    look = lambda session: reading.index(session, person, wrong)  # noqa: E731
    return show(request, person, "curations/index.html", look, 422)


@router.get("/weights")
def weights_page(request: Request, person: Reader) -> Response:
    """Every set of weights, and a form for another."""
    return show(request, person, "curations/weights.html", lambda session: reading.weights_page(session, person))


@router.post("/weights")
def save_weights(request: Request, person: Editor, form: Annotated[NewWeights, Form()]) -> Response:
    """Keep weights under a name."""
    typed = form.model_dump()
    try:
        wanted = _weights(typed)
        with db.database().transaction() as session:
            service.save_weights(session, person, form.name, wanted)
    except (Rejected, Conflict) as error:
        said = _said(error)
        look = lambda session: reading.weights_page(session, person, said, typed)  # noqa: E731
        return show(request, person, "curations/weights.html", look, 422)
    return flash.redirect("/curate/weights", Flash(f"“{form.name}” is saved."))


def _weights(typed: dict[str, str]) -> Weights:
    parts = {name: number(typed[name], name) for name in PARTS if typed[name].strip()}
    topics = [each.rpartition(":") for each in typed["half_lives"].split(",") if each.strip()]
    return checked(
        parts,
        half_life=number(typed["half_life"] or "7", "the half-life"),
        half_lives={word.strip(): number(days, f"the half-life of {word.strip()!r}") for word, _, days in topics},
        trusted=typed["trusted"].replace(",", " ").split(),
        doubted=typed["doubted"].replace(",", " ").split(),
    )


@router.post("/weights/use")
def use_weights(person: Editor, name: Typed = "") -> Response:
    """What a wish without weights gets from now on."""
    with db.database().transaction() as session:
        service.use_weights(session, person, name)
    return flash.redirect("/curate/weights", Flash(f"“{name}” are used from now on."))


@router.post("/weights/remove")
def remove_weights(person: Editor, name: Typed = "") -> Response:
    """Forget weights."""
    with db.database().transaction() as session:
        service.remove_weights(session, person, name)
    return flash.redirect("/curate/weights", Flash(f"“{name}” are gone.", "quiet"))


@router.get("/{curation_id}")
def curation(request: Request, curation_id: ById, person: Reader, seen: Annotated[Seen, Query()]) -> Response:
    """One curation: how far it is, what failed and why, and what was chosen with its scores."""
    which, least = "left_out" if seen.show == "left_out" else "chosen", int(seen.least) if seen.least.isdecimal() else 0
    wanted = Wanted(which, seen.sort, min(least, 100), seen.host, seen.weights, seen.start)
    look = lambda session: reading.curation(session, person, curation_id, wanted)  # noqa: E731
    return show(request, person, "curations/curation.html", look)


@router.get("/{curation_id}/compare")
def compare(request: Request, curation_id: ById, person: Reader, wish: Annotated[Compared, Query()]) -> Response:
    """Some articles side by side, or the places that two sets of weights give."""
    look = lambda session: reading.weights_compared(session, curation_id, wish.a, wish.b)  # noqa: E731
    if wish.item or not (wish.a or wish.b):
        if not 2 <= len(wish.item) <= MOST_COMPARED:
            return flash.redirect(f"/curate/{curation_id}", Flash("Mark two to five articles to compare them.", "bad"))
        look = lambda session: reading.side_by_side(session, curation_id, wish.item)  # noqa: E731
    return show(request, person, "curations/compare.html", look)


@router.post("/{curation_id}/choose")
def choose(curation_id: ById, person: Editor, typed: Annotated[Anew, Form()]) -> Response:
    """Judge it anew."""
    try:
        rules = service.rules(
            whole(typed.most, "the number of articles"),
            domain_cap=whole(typed.domain_cap, "the cap of a host"),
            cluster_cap=whole(typed.cluster_cap, "the cap of a cluster"),
            duplicate=number(typed.duplicate, "the threshold of duplicates"),
            cluster=number(typed.cluster, "the threshold of clusters"),
            by_cluster=bool(typed.by_cluster),
            diversify=bool(typed.diversify),
        )
        with db.database().transaction() as session:
            found = service.choose_again(session, person, curation_id, typed.weights, rules)
    except Rejected as error:
        return flash.redirect(f"/curate/{curation_id}", Flash(_said(error), "bad"))
    said = f"Judged anew: {found.chosen} chosen by “{found.weights_name}”."
    return flash.redirect(f"/curate/{curation_id}", Flash(said))


@router.post("/{curation_id}/stop")
def stop(curation_id: ById, person: Editor) -> Response:
    """Stop it; what was scored stays."""
    try:
        with db.database().transaction() as session:
            service.stop(session, person, curation_id)
    except Conflict as error:
        return flash.redirect(f"/curate/{curation_id}", Flash(_said(error), "quiet"))
    return flash.redirect(f"/curate/{curation_id}", Flash("Stopped; what was scored by now is here.", "quiet"))


@router.post("/{curation_id}/remove")
def remove(curation_id: ById, person: Editor) -> Response:
    """Forget it; its articles stay."""
    with db.database().transaction() as session:
        service.remove(session, person, curation_id)
    return flash.redirect("/curate", Flash("The curation is gone; its articles stay.", "quiet"))


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
