"""The page of sources: adding after a look, health, an editor's verbs. The network is asked outside transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from pydantic import SecretStr
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.errors import Rejected, Unavailable
from stonehand.sources import intake, service
from stonehand.sources.errors import NothingToPoll, SecretMissing
from stonehand.sources.recognition import Found, left_out, taken
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import source_reading as reading
from stonehand.web.pages.parts import Field
from stonehand.web.pages.showing import show
from stonehand.web.pages.source_forms import options_typed
from stonehand.web.pages.sources import SourcePreview, SourcesView
from stonehand.web.words import plural

router = APIRouter(prefix="/sources", include_in_schema=False)
TOGETHER = 50  # sources that are added in one transaction, which must stay short
Address = Annotated[str, Form(max_length=2000)]
Secret = Annotated[SecretStr, Form(max_length=1000)]
NO_SECRET = SecretStr("")
Word = Annotated[str, Form(max_length=60)]
Lines = Annotated[str, Form(max_length=50_000)]
Upload = Annotated[UploadFile, File()]


@router.get("")
def index(
    request: Request,
    person: Reader,
    state: Annotated[Literal["all", "broken", "paused"], Query(alias="show")] = "all",
    part: Annotated[int, Query(ge=0, le=100)] = 0,
) -> Response:
    """Every source and how it does, those in trouble first."""
    return show(request, person, "sources/index.html", lambda session: reading.index(session, person, state, part))


@router.post("/preview")
def preview(
    request: Request,
    person: Editor,
    url: Address = "",
    kind: Word = "",
    options: Lines = "",
    secret: Secret = NO_SECRET,
) -> Response:
    """Look at an address and say what adding it would bring. Nothing is saved."""
    try:
        found = _find(url, kind, options, secret)
    except (Rejected, Unavailable) as error:
        if request.headers.get("hx-request") != "true":
            return _again(request, person, 422, **_typed(url, kind, options, error))
        wrong = SourcePreview(url, "", error=_said(error))
        return _again(request, person, 200, **_typed(url, kind, options), preview=wrong)
    with db.database().read() as session:
        shown = reading.preview(session, url, found)
    return _again(request, person, 200, **_typed(url, kind, options or shown.options), preview=shown)


@router.post("")
def add(
    request: Request,
    person: Editor,
    url: Address = "",
    kind: Word = "",
    options: Lines = "",
    secret: Secret = NO_SECRET,
) -> Response:
    """Add what is at an address: a feed, a site that offers one, an OPML list, a sitemap, an article; or of a kind."""
    try:
        found = _find(url, kind, options, secret)
    except (Rejected, Unavailable) as error:
        return _again(request, person, 422, **_typed(url, kind, options, error))
    if left_out(found):
        return _partly(request, person, url, found)
    new = _add(person, found)
    what = f"“{found[0].title}”" if len(found) == 1 and found[0].title else plural(len(found), "source")
    if not new:
        return flash.redirect("/sources", Flash(f"Nothing to add: {what} is here already.", "quiet"))
    if len(found) == 1:
        return flash.redirect("/sources", Flash(f"Added {what}, {found[0].sentence}."))
    return flash.redirect("/sources", Flash(_counted(new, len(found))))


@router.post("/opml")
def upload(request: Request, person: Editor, file: Upload) -> Response:
    """Add every feed of an OPML file."""
    name = file.filename or "the file"
    try:
        found = intake.from_opml(file.file.read(intake.LARGEST_FILE + 1), name)
    except Rejected as error:
        return _again(request, person, 422, file=Field(name, _said(error)))
    return _partly(request, person, name, found)


def _partly(request: Request, person: Person, name: str, found: Sequence[Found]) -> Response:
    """Add what can be added of a list. If lines are left out, the page says of each why."""
    said = _counted(_add(person, taken(found)), len(taken(found)))
    if not left_out(found):
        return flash.redirect("/sources", Flash(said))
    return _again(request, person, 200, preview=SourcePreview(name, said, name, warnings=reading.refusals(found)))


def _find(url: str, kind: str, options: str, secret: SecretStr) -> list[Found]:
    if not kind:
        return intake.identify(_given(url))
    return [intake.of_kind(kind, url, options_typed(options), secret.get_secret_value() or None)]


def _typed(url: str, kind: str, options: str, error: Exception | None = None) -> dict[str, Any]:
    """What stands in the forms again, but for a secret. What is wrong with a source of a kind stands below it."""
    said = _said(error) if error else ""
    if not kind:
        return {"url": Field(url, said)}
    is_secret = isinstance(error, SecretMissing)
    return {
        "kind_url": Field(url),
        "kinds": reading.choices(kind),
        "options": Field(options, "" if is_secret else said),
        "secret": Field("", said if is_secret else ""),
    }


def _given(url: str) -> str:
    if not url.strip():
        raise Rejected("paste an address; a newspaper's front page will do")
    return url


def _counted(new: int, total: int) -> str:
    here = f"; {plural(total - new, 'is', 'are')} here already" if total > new else ""
    return f"Added {plural(new, 'source')} of {plural(total, 'feed')} in the list{here}."


def _add(person: Person, found: Sequence[Found]) -> int:
    """Add in short transactions; returns how many are new."""
    new = 0
    for start in range(0, len(found), TOGETHER):
        with db.database().transaction() as session:
            new += sum(_add_one(session, person, each) for each in found[start : start + TOGETHER])
    return new


def _add_one(session: db.Session, person: Person, found: Found) -> bool:
    added = service.add(session, found)
    if added.is_new:
        accounts.record(session, person, "added", "source", added.source_id, {"url": found.url})
    return added.is_new


def _again(request: Request, person: Person, status: int, **typed: Any) -> Response:
    def look(session: db.Session) -> SourcesView:
        return replace(reading.index(session, person), **typed)

    return show(request, person, "sources/index.html", look, status)


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."


@router.post("/{source_id}/poll")
def poll(source_id: ById, person: Editor) -> Response:
    """Look at a source now, as a job."""

    def ask(session: db.Session, title: str) -> Flash:
        job_id = service.poll_now(session, source_id)
        return Flash(f"Looking at {title}; what it brings shows here." if job_id else f"{title} is being looked at.")

    return _act(source_id, person, "asked for a look at", ask)


@router.post("/{source_id}/pause")
def pause(source_id: ById, person: Editor) -> Response:
    """Stop looking at a source, until somebody resumes it."""

    def stop(session: db.Session, title: str) -> Flash:
        service.pause(session, source_id)
        return Flash(f"{title} is paused.", "quiet", f"/sources/{source_id}/resume")

    return _act(source_id, person, "paused", stop)


@router.post("/{source_id}/resume")
def resume(source_id: ById, person: Editor) -> Response:
    """Look at a source again."""

    def go(session: db.Session, title: str) -> Flash:
        service.resume(session, source_id)
        return Flash(f"{title} is looked at again from now on.")

    return _act(source_id, person, "resumed", go)


@router.post("/{source_id}/remove")
def remove(source_id: ById, person: Editor) -> Response:
    """Forget a source and what it named; articles stay."""

    def forget(session: db.Session, title: str) -> Flash:
        service.remove(session, source_id)
        return Flash(f"Removed {title}. Its articles stay.", "quiet")

    return _act(source_id, person, "removed", forget)


def _act(source_id: str, person: Person, verb: str, deed: Callable[[db.Session, str], Flash]) -> Response:
    try:
        with db.database().transaction() as session:
            source = service.get(session, source_id)
            said = deed(session, source.title or source.url)
            accounts.record(session, person, verb, "source", source_id, {"url": source.url})
    except NothingToPoll as error:
        said = Flash(_said(error), "bad")
    return flash.redirect("/sources", said)
