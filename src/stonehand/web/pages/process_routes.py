"""The pages of comment processes: the table, the form, the board of one, and its verbs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.comments import deciding, queries, service
from stonehand.comments.errors import CommentMoved, NotYours
from stonehand.comments.models import CommentProcess
from stonehand.comments.queries import Row
from stonehand.comments.schemas import Decided
from stonehand.comments.states import CommentState
from stonehand.errors import Conflict, Forbidden, NotFound, Rejected
from stonehand.web import flash
from stonehand.web.api.comments import ExportForm, exported
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import process_forms as forms
from stonehand.web.pages import process_reading as reading
from stonehand.web.pages.comments import Filter
from stonehand.web.pages.showing import show
from stonehand.web.words import plural

router = APIRouter(prefix="/comments", include_in_schema=False)
NO_NUL = r"^[^\x00]*$"
SHOW = "^(" + "|".join([*reading.SHOWN, *CommentState]) + ")$"
Offset = Annotated[int, Query(ge=0, le=1_000_000)]
Typed = Annotated[forms.Typed, Form()]
MANY = 500  # comments of one decision


class Narrowed(BaseModel):
    """What a list of comments is narrowed to, in an address or in a form."""

    show: str = Field(default="", pattern=SHOW)
    search: str = Field(default="", max_length=200, pattern=NO_NUL)
    login: str = Field(default="", max_length=64, pattern=NO_NUL)

    def filter(self, moment: datetime) -> Filter:
        """The same, as of now."""
        return Filter(self.show, self.search.strip(), self.login, moment.isoformat())


class Bulk(Narrowed):
    """A decision about all of them, as they were when the page was read."""

    decision: Literal["approve", "reject", "retry"]
    note: str = Field(default="", max_length=500, pattern=NO_NUL)
    at: datetime


@router.get("")
def index(
    request: Request,
    person: Reader,
    platform: Annotated[str, Query(max_length=64, pattern=NO_NUL)] = "",
    offset: Offset = 0,
) -> Response:
    """Every process with its stages."""
    look = lambda session: reading.index(session, person, platform, offset)  # noqa: E731
    return show(request, person, "comments/index.html", look)


@router.get("/new")
def new(request: Request, person: Editor) -> Response:
    """The form of a new process."""
    return _form(request, person, forms.blank(), None)


@router.post("/new")
def create(request: Request, person: Editor, typed: Typed) -> Response:
    """Make a process; it does nothing before it is started."""
    try:
        wish = typed.wish()
        with db.database().transaction() as session:
            made = service.create(session, person, wish)
    except (Rejected, Conflict, NotFound) as error:
        return _form(request, person, typed, None, error)
    return flash.redirect(f"/comments/processes/{made.id}", Flash(f"{made.name} is there. Start it when you like."))


def _form(
    request: Request, person: Person, typed: forms.Typed, process: CommentProcess | None, error: Exception | None = None
) -> Response:
    said = reading.sentence(str(error)) if error else ""
    look = lambda session: forms.form(session, typed, process, said)  # noqa: E731
    return show(request, person, "comments/form.html", look, getattr(error, "status", 422) if error else 200)


@router.get("/processes/{process_id}")
def one(
    request: Request, process_id: ById, person: Reader, chosen: Annotated[Narrowed, Query()], offset: Offset = 0
) -> Response:
    """The board of a process, and its comments."""

    def look(session: db.Session) -> object:
        return reading.board(session, person, process_id, chosen.filter(db.now(session)), offset)

    return show(request, person, "comments/process.html", look)


@router.get("/processes/{process_id}/export")
def export(
    process_id: ById, person: Reader, chosen: Annotated[Narrowed, Query()], form: ExportForm = "csv"
) -> Response:
    """The comments under the same filter, as a file."""
    with db.database().read() as session:
        queries.process(session, process_id)
        wish = reading.wish(process_id, chosen.filter(db.now(session)))
    return exported(wish, form)


@router.get("/processes/{process_id}/edit")
def edit(request: Request, process_id: ById, person: Editor) -> Response:
    """The form of a process."""
    with db.database().read() as session:
        process = queries.process(session, process_id)
        typed = forms.of(session, process)
    return _form(request, person, typed, process)


@router.post("/processes/{process_id}/edit")
def change(request: Request, process_id: ById, person: Editor, typed: Typed) -> Response:
    """Change a process that is not at work."""
    with db.database().read() as session:
        process = queries.process(session, process_id)
    try:
        wish = typed.change()
        with db.database().transaction() as session:
            service.update(session, person, process_id, wish)
    except (Rejected, Conflict, NotFound) as error:
        return _form(request, person, typed, process, error)
    return flash.redirect(f"/comments/processes/{process_id}", Flash("Saved. It counts from the next start on."))


@router.post("/processes/{process_id}/start")
def start(process_id: ById, person: Editor) -> Response:
    """Let it work, from what it has left behind."""
    return _act(process_id, lambda session: f"{service.start(session, person, process_id).name} is at work.")


@router.post("/processes/{process_id}/stop")
def stop(process_id: ById, person: Editor) -> Response:
    """End its work; nothing is lost."""
    return _act(process_id, lambda session: f"{service.stop(session, person, process_id).name} stops. Nothing is lost.")


@router.post("/processes/{process_id}/send")
def send(process_id: ById, person: Publisher) -> Response:
    """Send what is approved and was left behind."""

    def deed(session: db.Session) -> str:
        service.post_all(session, person, process_id)
        return "What is approved goes out now, as fast as the site’s pace and its caps allow."

    return _act(process_id, deed)


@router.post("/processes/{process_id}/clone")
def clone(process_id: ById, person: Editor) -> Response:
    """Another process with the same settings."""
    with db.database().transaction() as session:
        made = service.clone(session, person, process_id)
    return flash.redirect(
        f"/comments/processes/{made.id}/edit", Flash(f"This is {made.name}. It has found nothing yet.")
    )


@router.post("/processes/{process_id}/remove")
def remove(process_id: ById, person: Editor) -> Response:
    """Show it no longer."""
    return _act(process_id, lambda session: _removed(session, person, process_id), "/comments")


def _removed(session: db.Session, person: Person, process_id: str) -> str:
    name = queries.process(session, process_id).name
    service.delete(session, person, process_id)
    return f"{name} is gone; its comments stay on record."


@router.post("/processes/{process_id}/bulk")
def bulk(process_id: ById, person: Editor, asked: Annotated[Bulk, Form()]) -> Response:
    """Decide about all comments under a filter that have not changed since the page was read."""
    return _act(process_id, lambda session: _bulk(session, person, process_id, asked))


def _bulk(session: db.Session, person: Person, process_id: str, asked: Bulk) -> str:
    queries.process(session, process_id)
    found, _ = queries.comments(session, reading.wish(process_id, asked.filter(db.now(session))), MANY)
    texts = {each.comment.id: each.comment.html for each in found if each.comment.updated_at <= asked.at}
    return _told(asked.decision, _decided(session, person, asked, found, texts), len(found) - len(texts))


def _decided(session: db.Session, person: Person, asked: Bulk, found: Sequence[Row], texts: dict[str, str]) -> Decided:
    verbs: dict[str, Callable[..., Decided]] = {"approve": deciding.approve, "reject": deciding.reject}
    if asked.decision == "retry":
        return deciding.retry(session, person, list(texts))
    made = verbs[asked.decision](session, person, list(texts), asked.note)
    if any(each.comment.html != texts.get(each.comment.id, each.comment.html) for each in found):
        raise CommentMoved("somebody has just changed one of them; look again")
    return made


def _told(decision: str, decided: Decided, changed: int) -> str:
    verb = {"approve": "Approved", "reject": "Rejected", "retry": "Trying again"}[decision]
    words = f"{verb}: {plural(decided.done, 'comment')}."
    if decided.refused:
        why = next(iter(decided.refused.values()))
        words += f" Left alone: {plural(len(decided.refused), 'comment')}, such as one because {why}."
    if changed:
        words += f" Changed since the page was opened, and left alone: {plural(changed, 'comment')}."
    return words


def _act(process_id: str, deed: Callable[[db.Session], str], back: str = "") -> Response:
    here = f"/comments/processes/{process_id}"
    try:
        with db.database().transaction() as session:
            said = Flash(deed(session))
    except (Rejected, Conflict) as error:
        if isinstance(error, Forbidden) and not isinstance(error, NotYours):
            raise
        return flash.redirect(here, Flash(reading.sentence(str(error)), "bad"))
    return flash.redirect(back or here, said)
