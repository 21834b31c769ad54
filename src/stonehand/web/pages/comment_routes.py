"""The page of a comment beside its article, and what can be decided there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.comments import deciding, hiding, queries
from stonehand.comments.errors import CommentMoved
from stonehand.comments.schemas import Decided
from stonehand.errors import Conflict, Forbidden, Rejected
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import comment_reading as reading
from stonehand.web.pages.process_reading import sentence
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/comments", include_in_schema=False)
PAGE = "comments/comment.html"
NO_NUL = r"^[^\x00]*$"
Note = Annotated[str, Form(max_length=500, pattern=NO_NUL)]
Number = Annotated[str, Form(max_length=200, pattern=NO_NUL)]
Text = Annotated[str, Form(max_length=20_000, pattern=NO_NUL)]
Seen = Annotated[str, Form(max_length=64)]
Words = str | Callable[[db.Session, str], str]
Next = Annotated[str, Form(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")]


@router.get("/{comment_id}")
def one(request: Request, comment_id: ById, person: Reader) -> Response:
    """A comment beside its article."""
    return show(request, person, PAGE, lambda session: reading.one(session, person, comment_id))


@router.post("/{comment_id}/approve")
def approve(comment_id: ById, person: Publisher, seen: Seen = "", next: Next = "") -> Response:  # noqa: A002  of the form
    """Let exactly what was seen go out."""

    def deed(session: db.Session) -> Decided:
        made = deciding.approve(session, person, [comment_id])
        _check_seen(session, comment_id, seen)
        return made

    return _act(comment_id, deed, "Approved. It goes out as soon as the site’s pace and its caps allow.", next)


def _check_seen(session: db.Session, comment_id: str, seen: str) -> None:
    """Once the comment is held: what is decided about is what was on the page."""
    if reading.seen(queries.comment(session, comment_id)) != seen:
        raise CommentMoved("the comment was changed while you looked at it; this is how it is now")


@router.post("/{comment_id}/reject")
def reject(comment_id: ById, person: Editor, note: Note = "", next: Next = "") -> Response:  # noqa: A002  of the form
    """Do not send it."""
    return _act(comment_id, lambda session: deciding.reject(session, person, [comment_id], note), "Rejected.", next)


@router.post("/{comment_id}/retry")
def retry(comment_id: ById, person: Editor) -> Response:
    """Try it again from the stage in which it failed."""
    return _act(comment_id, lambda session: deciding.retry(session, person, [comment_id]), reading.goes_on)


@router.post("/{comment_id}/remove")
def remove(comment_id: ById, person: Editor) -> Response:
    """Take it off the board."""
    return _act(comment_id, lambda session: deciding.remove(session, person, [comment_id]), "It is off the board.")


@router.post("/{comment_id}/hide")
def hide(comment_id: ById, person: Publisher) -> Response:
    """Let only the author of the article see what stands at the site."""

    def deed(session: db.Session) -> Decided:
        hiding.ask(session, person, comment_id)
        return Decided(1, {})

    return _act(comment_id, deed, "The site is asked to hide it.")


@router.post("/{comment_id}/edit")
def edit(request: Request, comment_id: ById, person: Editor, text: Text = "", seen: Seen = "") -> Response:
    """Give it another text. What was typed stays on the page if it does not fit."""
    try:
        with db.database().transaction() as session:
            _check_seen(session, comment_id, seen)
            deciding.edit(session, person, comment_id, text)
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        look = partial(reading.one, person=person, comment_id=comment_id, error=sentence(str(error)), typed=text)
        return show(request, person, PAGE, look, error.status)
    return flash.redirect(f"/comments/{comment_id}", Flash("Kept. It waits for an approval."))


@router.post("/{comment_id}/settle")
def settle(
    comment_id: ById, person: Publisher, arrived: Annotated[Literal["yes", "no"], Form()], remote_id: Number = ""
) -> Response:
    """Say whether a comment stands at the site."""

    def deed(session: db.Session) -> Decided:
        deciding.settle(session, person, comment_id, arrived == "yes", remote_id)
        return Decided(1, {})

    words = "It is kept as sent." if arrived == "yes" else "It is sent again."
    return _act(comment_id, deed, words)


def _act(comment_id: str, deed: Callable[[db.Session], Decided], words: Words, following: str = "") -> Response:
    """Do it, and say so. Then the next comment that waits for a person, if there is one."""
    here = f"/comments/{comment_id}"
    try:
        with db.database().transaction() as session:
            queries.comment(session, comment_id)
            refused = deed(session).refused
            said = words if isinstance(words, str) else words(session, comment_id)
    except Forbidden:
        raise
    except (Rejected, Conflict) as error:
        return flash.redirect(here, Flash(sentence(str(error)), "bad"))
    if refused:
        return flash.redirect(here, Flash(f"Not done: {refused[comment_id]}.", "bad"))
    return flash.redirect(f"/comments/{following}" if following else here, Flash(said))
