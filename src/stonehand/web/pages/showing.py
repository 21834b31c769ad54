"""A page from one look at the database, which is over before the page is drawn."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.web import rendering
from stonehand.web.pages.chrome import chrome


def show(
    request: Request, person: Person, template: str, look: Callable[[db.Session], object], status: int = 200
) -> HTMLResponse:
    """The page for the view that `look` makes. Drawing can take long the first time, so no transaction is open then."""
    with db.database().read() as session:
        view, frame = look(session), chrome(session, person)
    return rendering.page(request, template, view, frame, status)
