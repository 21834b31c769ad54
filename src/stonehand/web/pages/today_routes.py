"""The first page, and taking the sample newsroom away."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.sample import loading
from stonehand.web import flash, rendering
from stonehand.web.deps import Admin, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import today_reading as reading
from stonehand.web.pages.chrome import chrome

router = APIRouter(include_in_schema=False)


@router.get("/")
def today(request: Request, person: Reader) -> Response:
    """What waits for you, what is happening, what goes out."""
    with db.database().read() as session:
        view, frame = reading.today(session, person), chrome(session, person)
    return rendering.page(request, "today/index.html", view, frame)


@router.post("/sample/remove")
def remove_sample(person: Admin) -> Response:
    """Take the sample newsroom away, with all that came of it."""
    loading.remove_all(db.database())
    with db.database().transaction() as session:
        accounts.record(session, person, "removed", "sample", "sample")
    return flash.redirect("/", Flash("The sample newsroom is gone, with everything that came of it.", "quiet"))
