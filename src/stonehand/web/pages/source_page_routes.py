"""The page of one source: how it does, what it named, rules tried before they are saved, proposals that mend it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import SecretStr, ValidationError
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.errors import Conflict, Rejected, Unavailable
from stonehand.sources import changing, kinds, looking, repairs, rules, service, trials
from stonehand.sources.interfaces import ReadsDocuments
from stonehand.sources.models import Source
from stonehand.sources.robots import overruling
from stonehand.sources.schemas import PreviewOut, SourceChange, WayOut
from stonehand.web import flash
from stonehand.web.api.contract import Before, ById
from stonehand.web.deps import Admin, Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import source_page_reading as reading
from stonehand.web.pages.parts import Field
from stonehand.web.pages.showing import show
from stonehand.web.pages.source_forms import options_typed, rules_sent
from stonehand.web.pages.source_reading import way_rows
from stonehand.web.pages.sources import Look, Replay, SourceForms, SourceView, Tried

router = APIRouter(prefix="/sources", include_in_schema=False)
Text = Annotated[str, Form(max_length=20_000)]
Short = Annotated[str, Form(max_length=1_000)]
Secret = Annotated[SecretStr, Form(max_length=1_000)]
NO_SECRET = SecretStr("")
PAGE = "sources/source.html"


@router.get("/{source_id}")
def one(request: Request, source_id: ById, person: Reader, before: Before = None) -> Response:
    """One source."""
    return show(request, person, PAGE, lambda session: reading.one(session, person, source_id, before))


@router.post("/{source_id}/try")
def look_first(request: Request, source_id: ById, person: Editor) -> Response:
    """Look at it and say what would be new, known or filtered. Nothing is kept."""
    with db.database().read() as session:
        source = service.get(session, source_id)
    try:
        found = looking.try_again(source)
    except (Rejected, Unavailable) as error:
        return _again(request, person, source_id, 200, forms={}, look=Look("", error=_said(error)))
    with db.database().read() as session:
        seen = reading.look(PreviewOut.of(session, found))
    return _again(request, person, source_id, 200, forms={}, look=seen)


@router.post("/{source_id}/edit")
def edit(
    request: Request,
    source_id: ById,
    person: Editor,
    title: Short = "",
    minutes: Short = "",
    tags: Short = "",
    adaptive: Short = "",
) -> Response:
    """Another name, pace or tags."""
    typed = {"title": Field(title), "minutes": Field(minutes), "tags": Field(tags), "adaptive": bool(adaptive)}
    try:
        seconds = round(float(minutes.replace(",", ".")) * 60)
        wish = SourceChange(
            title=title or None, interval_seconds=seconds, tags=tags.split(","), is_adaptive=bool(adaptive)
        )
    except (ValueError, OverflowError, ValidationError):
        wrong = Field(minutes, "Between half a minute and a week (10 080 minutes).")
        return _again(request, person, source_id, forms=typed | {"minutes": wrong})
    return _change(source_id, person, wish, "Saved.")


@router.post("/{source_id}/rules/replay")
def replay(request: Request, source_id: ById, person: Editor, text: Text = "") -> Response:
    """Say what rules would have done in the last 30 days. Nothing is saved."""
    try:
        followed = rules.from_lines(text)
    except Rejected as error:
        return _again(request, person, source_id, forms={"rules": Field(text)}, replay=Replay("", error=_said(error)))
    with db.database().read() as session:
        service.get(session, source_id)
        found = reading.replay(trials.replay(session, source_id, followed))
    return _again(request, person, source_id, 200, forms={"rules": Field(text)}, replay=found)


@router.post("/{source_id}/rules")
def save_rules(request: Request, source_id: ById, person: Editor, text: Text = "") -> Response:
    """Follow these rules from the next look on."""
    try:
        wish = SourceChange(rules=rules_sent(text))
    except Rejected as error:
        return _again(request, person, source_id, forms={"rules": Field(text, _said(error))})
    return _change(source_id, person, wish, "Saved. The rules count from the next look on.")


@router.post("/{source_id}/options/try")
def try_options(request: Request, source_id: ById, person: Editor, text: Text = "") -> Response:
    """Say what options read of the document that was kept at the last look. Nothing is asked or saved."""
    with db.database().read() as session:
        source, document = service.get(session, source_id), service.kept_copy(session, source_id)
    kind, typed = kinds.find(source.kind), {"options": Field(text)}
    ways = kind.ways(document) if isinstance(kind, ReadsDocuments) else ()
    proposed: dict[str, Any] = {"ways": way_rows([WayOut.of(way) for way in ways])}
    try:
        found = looking.read_otherwise(source, document, options_typed(text))
    except Rejected as error:
        return _again(request, person, source_id, forms=typed | proposed, tried=Tried("", error=_said(error)))
    with db.database().read() as session:
        seen = reading.tried(PreviewOut.of(session, found))
    return _again(request, person, source_id, 200, forms=typed | proposed, tried=seen)


@router.post("/{source_id}/options")
def save_options(
    request: Request, source_id: ById, person: Editor, text: Text = "", secret: Secret = NO_SECRET
) -> Response:
    """Ask with these options from now on. With some of them the secret goes elsewhere and is asked for again."""
    try:
        wish = SourceChange(options=options_typed(text), secret=secret if secret else None)
        return _change(source_id, person, wish, "Saved. It is looked at soon.")
    except (Rejected, Conflict) as error:
        return _again(request, person, source_id, forms={"options": Field(text, _said(error))})


@router.post("/{source_id}/secret")
def save_secret(request: Request, source_id: ById, person: Editor, secret: Secret = NO_SECRET) -> Response:
    """Keep another password or key, sealed. It is never shown again."""
    if not secret:
        return _again(request, person, source_id, forms={"secret": Field("", "Enter it; nothing was typed.")})

    def deed(session: db.Session, source: Source) -> Flash:
        changing.change(session, source_id, SourceChange(secret=secret))
        accounts.record(session, person, "gave a secret to", "source", source_id)
        paused = "" if source.enabled else " The source is paused; resume it when you like."
        return Flash(f"Saved and sealed; nobody can see it.{paused}")

    return _act(source_id, deed)


@router.post("/{source_id}/secret/remove")
def remove_secret(source_id: ById, person: Editor) -> Response:
    """Forget the password or key, and pause the source, which cannot be looked at without it."""

    def deed(session: db.Session, source: Source) -> Flash:
        changing.change(session, source_id, SourceChange(remove_secret=True))
        accounts.record(session, person, "removed the secret of", "source", source_id)
        return Flash("Removed. The source is paused until it has another one.", "quiet")

    return _act(source_id, deed)


@router.post("/{source_id}/mend")
def mend(source_id: ById, person: Editor) -> Response:
    """Do what is proposed."""

    def deed(session: db.Session, source: Source) -> Flash:
        done = repairs.accept(session, source)
        accounts.record(session, person, "mended", "source", source_id, {"done": done})
        return Flash(f"Done: {done}.")

    return _act(source_id, deed)


@router.post("/{source_id}/dismiss")
def dismiss(source_id: ById, person: Editor) -> Response:
    """Set a proposal aside."""

    def deed(session: db.Session, source: Source) -> Flash:
        repairs.set_aside(source)
        accounts.record(session, person, "set a proposal aside for", "source", source_id)
        return Flash("Set aside. The source stays as it is.", "quiet")

    return _act(source_id, deed)


@router.post("/{source_id}/robots/overrule")
def overrule(request: Request, source_id: ById, person: Admin, reason: Short = "") -> Response:
    """Fetch its pages although their site forbids it, for a reason."""
    try:
        with db.database().transaction() as session:
            count = overruling.overrule(session, service.get(session, source_id), reason, person.name)
            told = {"reason": reason, "fetched_now": count}
            accounts.record(session, person, "overruled robots.txt for", "source", source_id, told)
    except Rejected as error:
        return _again(request, person, source_id, forms={}, reason=Field(reason, _said(error)))
    return flash.redirect(f"/sources/{source_id}", Flash("Saved. Its pages are fetched whatever robots.txt says."))


@router.post("/{source_id}/robots/heed")
def heed(source_id: ById, person: Admin) -> Response:
    """Do as its site says again."""
    with db.database().transaction() as session:
        if overruling.heed(service.get(session, source_id)):
            accounts.record(session, person, "heeds robots.txt for", "source", source_id)
    return flash.redirect(f"/sources/{source_id}", Flash("What robots.txt forbids is left out again."))


def _act(source_id: str, deed: Callable[[db.Session, Source], Flash]) -> Response:
    try:
        with db.database().transaction() as session:
            said = deed(session, service.get(session, source_id))
    except Conflict as error:
        said = Flash(_said(error), "bad")
    return flash.redirect(f"/sources/{source_id}", said)


def _change(source_id: str, person: Person, wish: SourceChange, said: str) -> Response:
    with db.database().transaction() as session:
        changing.change(session, source_id, wish)
        told = wish.model_dump(mode="json", exclude_defaults=True, exclude={"secret"})
        accounts.record(session, person, "changed", "source", source_id, told)
    return flash.redirect(f"/sources/{source_id}", Flash(said))


def _again(
    request: Request, person: Person, source_id: str, status: int = 422, *, forms: dict[str, Any], **more: Any
) -> Response:
    """The page with what was typed. htmx takes a look that found something wrong only if it is no error."""
    is_look = bool(more) and request.headers.get("hx-request") == "true"

    def look(session: db.Session) -> SourceView:
        view = reading.one(session, person, source_id)
        typed: SourceForms = replace(view.forms, **forms)
        return replace(view, forms=typed, **more)

    return show(request, person, PAGE, look, 200 if is_look else status)


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
