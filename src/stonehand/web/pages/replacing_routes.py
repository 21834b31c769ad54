"""The page on which one text is replaced in many comments: what would become of each, and then what did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from pydantic import Field
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.comments import phrases, queries, replacing
from stonehand.comments.phrases import LONGEST, Phrase
from stonehand.comments.schemas import Replaced
from stonehand.errors import Rejected
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor
from stonehand.web.pages import process_reading as reading
from stonehand.web.pages.comments import ReplacingView
from stonehand.web.pages.process_routes import MANY, NO_NUL, Narrowed
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/comments", include_in_schema=False)
PAGE = "comments/replace.html"


class Replacing(Narrowed):
    """The wish. With `sure` it is done, to those that have not changed since the preview was made at `at`."""

    find: str = Field(default="", max_length=LONGEST, pattern=NO_NUL)
    by: str = Field(default="", max_length=LONGEST, pattern=NO_NUL)
    any_case: str = Field(default="", max_length=3)
    sure: str = Field(default="", max_length=3)
    at: datetime | None = None


Sent = Annotated[Replacing, Form()]


@router.post("/processes/{process_id}/replace")
def replace(request: Request, process_id: ById, person: Editor, wish: Sent) -> Response:
    """Show what would become of all comments under a filter, or do it and show what became of each."""
    try:
        phrase = phrases.read(wish.find, wish.by, not wish.any_case)
        if wish.sure and wish.at is not None:
            with db.database().transaction() as session:
                view = _view(session, person, process_id, wish, _meant(process_id, wish, phrase, replacing.replace))
            return show(request, person, PAGE, lambda _: view)
        meant = _meant(process_id, wish, phrase, replacing.look)
    except Rejected as error:
        said, status = reading.sentence(str(error)), error.status
        look = lambda session: _view(session, person, process_id, wish, None, said)  # noqa: E731
        return show(request, person, PAGE, look, status)
    return show(request, person, PAGE, lambda session: _view(session, person, process_id, wish, meant))


Meant = Callable[[db.Session, Person], tuple[Replaced, int, int]]
"""What becomes of them, how many have changed since the preview, and how many were too many for one time."""


def _meant(process_id: str, wish: Replacing, phrase: Phrase, deed: Callable[..., Replaced]) -> Meant:
    def meant(session: db.Session, person: Person) -> tuple[Replaced, int, int]:
        asked = reading.wish(process_id, wish.filter(db.now(session)))
        found, total = queries.comments(session, asked, MANY)
        ids = [each.comment.id for each in found if not wish.sure or not wish.at or each.comment.updated_at <= wish.at]
        return deed(session, person, ids, phrase), len(found) - len(ids), total - len(found)

    return meant


def _view(
    session: db.Session, person: Person, process_id: str, wish: Replacing, meant: Meant | None, error: str = ""
) -> ReplacingView:
    process = queries.process(session, process_id)
    made, changed, left = meant(session, person) if meant else (None, 0, 0)
    facts: dict[str, Any] = {"changed": changed, "left": left, "error": error, "is_done": bool(wish.sure and made)}
    chosen = wish.filter(db.now(session))
    return ReplacingView(process_id, process.name, chosen, wish.find, wish.by, bool(wish.any_case), made, **facts)
