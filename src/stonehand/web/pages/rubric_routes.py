"""The pages of rubrics: the list, one rubric with its test bench, replays and reruns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from pydantic import Field
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.errors import Conflict, NotFound, Rejected
from stonehand.rubrics import asking, queries, service, trials
from stonehand.rubrics.errors import RubricInvalid
from stonehand.web import flash
from stonehand.web.api.contract import ID, ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import parts, trial_reading
from stonehand.web.pages import rubric_reading as reading
from stonehand.web.pages.rubric_fields import TOP, Misfilled, by_field
from stonehand.web.pages.rubric_forms import Typed
from stonehand.web.pages.rubrics import RubricForm
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
Sent = Annotated[Typed, Form()]
Words = Annotated[str, Form(max_length=500, pattern=r"^[^\x00]*$")]
Label = Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$")]
Chosen = Annotated[Sequence[Annotated[str, Field(pattern=ID)]], Form(max_length=200)]
Key = Annotated[str, Form(max_length=64, pattern=ID)]

CRITERION = ("weight", "description", "keywords")
PROFILE = ("about", "topic", "words", "places", "names", "languages")
"""The fields of the form: those of each criterion, and those of the whole."""


@router.get("/rubrics")
def index(request: Request, person: Reader) -> Response:
    """Every rubric."""
    with db.database().read() as session:
        known = bool(queries.rubrics(session))
    if not known:
        with db.database().transaction() as session:
            service.install_presets(session)
    return show(request, person, "rubrics/index.html", lambda session: reading.index(session, person))


@router.post("/rubrics")
def create(request: Request, person: Editor, key: Key, name: Words = "") -> Response:
    """Make a rubric that begins as another one."""
    try:
        with db.database().transaction() as session:
            made = service.clone(session, person, key, name).slug
    except (Rejected, Conflict, NotFound) as error:
        field, status = parts.Field(name, _said(error)), error.status
        return show(
            request,
            person,
            "rubrics/index.html",
            lambda session: replace(reading.index(session, person), name=field),
            status,
        )
    return flash.redirect(f"/rubrics/{made}", Flash(f"“{name}” is made. Change what it says, and try it out."))


@router.get("/rubrics/trials/{trial_id}")
def trial(request: Request, trial_id: ById, person: Reader) -> Response:
    """One replay or rerun, old beside new."""
    return show(request, person, "rubrics/trial.html", lambda session: trial_reading.view(session, person, trial_id))


@router.post("/rubrics/trials/{trial_id}/save")
def save(trial_id: ById, person: Editor) -> Response:
    """Save what a replay has tried out."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        saved = trials.save(session, person, trial_id)
        return f"/rubrics/{saved.slug}", Flash(f"Saved as version {saved.version}.")

    return _act(f"/rubrics/trials/{trial_id}", deed)


@router.post("/rubrics/trials/{trial_id}/keep/{which}")
def keep(trial_id: ById, which: ById, person: Editor, article_id: Words = "") -> Response:
    """Keep the old or the new of a rerun, for one article or for all."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        if which not in ("old", "new"):
            raise Rejected("keep either the old or the new")
        count = trials.keep(session, person, trial_id, which, [article_id] if article_id else [])
        what = "article" if count == 1 else "articles"
        return f"/rubrics/trials/{trial_id}", Flash(f"The {which} is kept for {count} {what}.")

    return _act(f"/rubrics/trials/{trial_id}", deed)


@router.get("/rubrics/{key}")
def one(request: Request, key: ById, person: Reader, label: Label = "") -> Response:
    """One rubric, with its test bench."""
    return show(request, person, "rubrics/rubric.html", lambda session: reading.one(session, person, key, label))


@router.post("/rubrics/{key}/save")
def edit(request: Request, key: ById, person: Editor, typed: Sent) -> Response:
    """Save a new version without trying it out."""
    try:
        with db.database().transaction() as session:
            found = queries.rubric(session, key)
            said = typed.definition(queries.version(session, found.id, found.version).definition)
            saved = service.edit(session, person, key, said, typed.note)
            slug, number = saved.slug, saved.version
    except Rejected as error:
        return _again(request, person, key, typed, error)
    return flash.redirect(f"/rubrics/{slug}", Flash(f"Saved; version {number} counts from now on."))


@router.post("/rubrics/{key}/replay")
def replay(request: Request, key: ById, person: Editor, typed: Sent) -> Response:
    """Try it out on the last 30 days first."""
    try:
        with db.database().transaction() as session:
            found = queries.rubric(session, key)
            said = typed.definition(queries.version(session, found.id, found.version).definition)
            asked = trials.ask_replay(session, person, key, said).id
    except Rejected as error:
        return _again(request, person, key, typed, error)
    return flash.redirect(f"/rubrics/trials/{asked}", Flash("It is tried out; nothing is saved yet.", "quiet"))


def _again(request: Request, person: Person, key: str, typed: Typed, error: Rejected) -> Response:
    """The page once more, with what was typed."""

    def look(session: db.Session) -> object:
        view = reading.one(session, person, key)
        criteria = tuple(
            replace(
                each,
                weight=typed.weight[at] if at < len(typed.weight) else each.weight,
                description=typed.description[at] if at < len(typed.description) else each.description,
                keywords=typed.keywords[at] if at < len(typed.keywords) else each.keywords,
            )
            for at, each in enumerate(view.form.criteria)
        )
        filled = replace(view.form, note=typed.note, wrong=_wrong(view.form, typed, error))
        if typed.as_json:
            return replace(view, form=replace(filled, whole=typed.whole))
        filled = replace(filled, criteria=criteria, bands=typed.bands, description=typed.about, topic=typed.topic)
        profile = replace(filled, keywords=typed.words, places=typed.places, names=typed.names)
        return replace(view, form=replace(profile, languages=typed.languages))

    return show(request, person, "rubrics/rubric.html", look, error.status)


def _wrong(form: RubricForm, typed: Typed, error: Rejected) -> Mapping[str, str]:
    """What stands beside which field, and above the form what belongs to none that it shows."""
    found = {TOP: _said(error)}
    if isinstance(error, Misfilled):
        found = error.fields
    elif isinstance(error, RubricInvalid):
        found = by_field(error.places, range(len(form.criteria)))
    if typed.as_json:
        return defaultdict(str, whole=" ".join(found.values()))
    shown = {f"{name}-{at}" for at in range(len(form.criteria)) for name in CRITERION} | {*PROFILE}
    shown |= {"bands"} if form.is_sum else set()
    above = " ".join(words for name, words in found.items() if name not in shown)
    return defaultdict(str, {name: words for name, words in found.items() if name in shown}, **{TOP: above})


@router.post("/rubrics/{key}/describe")
def describe(key: ById, person: Editor, name: Words = "", description: Words = "", automatic: Words = "") -> Response:
    """Change its name, what it is for, and whether it scores every new article."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        found = service.describe(session, person, key, name, description, automatic == "on")
        return f"/rubrics/{found.slug}", Flash("Saved.")

    return _act(f"/rubrics/{key}", deed)


@router.post("/rubrics/{key}/versions/{number}/restore")
def restore(key: ById, number: ById, person: Editor) -> Response:
    """Go back to what a version said."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        wanted = int(number) if number.isdecimal() and len(number) < 8 else 0
        found = service.go_back(session, person, key, wanted)
        return f"/rubrics/{found.slug}", Flash(f"Version {found.version} says what version {wanted} said.")

    return _act(f"/rubrics/{key}", deed)


@router.post("/rubrics/{key}/calibrate")
def calibrate(key: ById, person: Editor) -> Response:
    """Learn from what people said of articles."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        job_id = asking.calibrate(session, person, key)
        return (f"/jobs/{job_id}" if job_id else f"/rubrics/{key}"), Flash("It learns as soon as a worker is free.")

    return _act(f"/rubrics/{key}", deed)


@router.post("/rubrics/{key}/uncalibrate")
def uncalibrate(key: ById, person: Editor) -> Response:
    """Forget what was learnt."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        service.drop_calibration(session, person, key)
        return f"/rubrics/{key}", Flash("It scores as it says by itself again.", "quiet")

    return _act(f"/rubrics/{key}", deed)


@router.post("/rubrics/{key}/rerun")
def rerun_chosen(key: ById, person: Editor, article_id: Chosen = (), step: Words = trials.SCORE) -> Response:
    """Run a step again for chosen articles, and compare."""

    def deed(session: db.Session) -> tuple[str, Flash | None]:
        wanted = trials.DESCRIBE if step == trials.DESCRIBE else trials.SCORE
        return f"/rubrics/trials/{trials.ask_rerun(session, person, article_id, wanted, key).id}", None

    return _act(f"/rubrics/{key}", deed)


@router.post("/rubrics/{key}/remove")
def remove(key: ById, person: Editor) -> Response:
    """Forget a rubric of one's own."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        return "/rubrics", Flash(f"“{service.remove(session, person, key).name}” is gone.", "quiet")

    return _act(f"/rubrics/{key}", deed)


# ── from the page of an article ──


@router.post("/articles/{article_id}/score")
def score(article_id: ById, person: Editor, rubric: Key) -> Response:
    """Score an article by a rubric."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        job_id = asking.score(session, person, [rubric], [article_id])
        return f"/articles/{article_id}", Flash(f"It is scored as soon as a worker is free (job {job_id}).", "quiet")

    return _act(f"/articles/{article_id}", deed)


@router.post("/articles/{article_id}/rerun")
def rerun(article_id: ById, person: Editor, rubric: Key) -> Response:
    """Score an article again, and compare."""

    def deed(session: db.Session) -> tuple[str, Flash | None]:
        return f"/rubrics/trials/{trials.ask_rerun(session, person, [article_id], trials.SCORE, rubric).id}", None

    return _act(f"/articles/{article_id}", deed)


@router.post("/articles/{article_id}/redescribe")
def redescribe(article_id: ById, person: Editor) -> Response:
    """Describe an article again, and compare."""

    def deed(session: db.Session) -> tuple[str, Flash | None]:
        return f"/rubrics/trials/{trials.ask_rerun(session, person, [article_id], trials.DESCRIBE).id}", None

    return _act(f"/articles/{article_id}", deed)


@router.post("/articles/{article_id}/judge/{key}")
def judge(article_id: ById, key: ById, person: Editor, said: Words = "") -> Response:
    """Say what an article is by a rubric."""

    def deed(session: db.Session) -> tuple[str, Flash]:
        _, known = service.definition(session, key)
        is_choice = known.kind == "choice"
        service.judge(session, person, key, article_id, said if is_choice else "", None if is_choice else _number(said))
        return f"/articles/{article_id}", Flash("Noted. A rubric learns from what people say when it is calibrated.")

    return _act(f"/articles/{article_id}", deed)


def _number(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


def _act(otherwise: str, deed: Callable[[db.Session], tuple[str, Flash | None]]) -> Response:
    """Do it and go where it leads; what is wrong is said on the page that it came from."""
    try:
        with db.database().transaction() as session:
            target, said = deed(session)
    except (Rejected, Conflict) as error:
        return flash.redirect(otherwise, Flash(_said(error), "bad"))
    return flash.redirect(target, said)


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
