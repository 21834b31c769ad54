"""Publications: the list, one of them, its correction and its retraction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.db import Session
from stonehand.errors import Conflict, Forbidden, Rejected
from stonehand.publications import changes, correcting, settling, watching
from stonehand.publications.states import PublicationState
from stonehand.web import flash
from stonehand.web.api.contract import Before, ById
from stonehand.web.deps import Editor, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import publication_reading as reading
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/publications", include_in_schema=False)
Words = Annotated[str, Form(max_length=200_000)]
State = Annotated[PublicationState | None, Query(alias="show")]


@router.get("")
def index(request: Request, person: Reader, state: State = None, before: Before = None) -> Response:
    """What went out and what goes out."""
    return show(request, person, "publications/index.html", lambda session: reading.index(session, state, before))


@router.get("/{publication_id}")
def one(request: Request, publication_id: ById, person: Reader) -> Response:
    """One publication with its tries, corrections and the pages that it cites."""
    view = "publications/publication.html"
    return show(request, person, view, lambda session: reading.one(session, publication_id, person))


@router.post("/{publication_id}/retract")
def retract(publication_id: ById, person: Publisher, reason: Words = "") -> Response:
    """Take it back from where it can be seen."""
    return _do(
        f"/publications/{publication_id}",
        lambda session: changes.retract(session, person, publication_id, reason),
        "It is taken back. This page says when that is done.",
    )


@router.post("/{publication_id}/correct")
def correct(publication_id: ById, person: Editor, title: Words = "", text: Words = "", note: Words = "") -> Response:
    """Send a corrected text to its review."""
    try:
        with db.database().transaction() as session:
            opened = correcting.correct(session, person, publication_id, text, note, title or None).id
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        return flash.redirect(f"/publications/{publication_id}", Flash(_said(error), "bad"))
    return flash.redirect(f"/review/{opened}", Flash("The correction goes out once it is approved here.", "quiet"))


@router.post("/{publication_id}/changes/{change_id}/{verb}")
def about_change(publication_id: ById, change_id: ById, verb: ById, person: Publisher) -> Response:
    """Try a change again, or say what became of it."""
    deeds: dict[str, tuple[Callable[[Session], None], str]] = {
        "retry": (lambda session: changes.retry(session, person, change_id), "It is tried again."),
        "happened": (lambda session: settling.happened(session, person, change_id), "Noted: it has happened."),
        "missing": (lambda session: settling.missing(session, person, change_id), "It is sent again."),
    }
    deed, words = deeds.get(verb, deeds["retry"])
    return _do(f"/publications/{publication_id}", deed, words)


@router.post("/{publication_id}/sources/{article_id}/settle")
def settle(publication_id: ById, article_id: ById, person: Editor) -> Response:
    """Nothing is to be done about a cited page as it is now."""
    return _do(
        f"/publications/{publication_id}",
        lambda session: watching.settle(session, person, article_id),
        "Noted. If the page changes again, there is another alert.",
    )


def _do(back: str, deed: Callable[[Session], object], words: str) -> Response:
    try:
        with db.database().transaction() as session:
            deed(session)
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        return flash.redirect(back, Flash(_said(error), "bad"))
    return flash.redirect(back, Flash(words, "quiet"))


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
