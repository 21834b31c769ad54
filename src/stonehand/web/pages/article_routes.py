"""The page of one article."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.articles import rereading, verdicts
from stonehand.web import flash, rendering
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import article_reading as reading
from stonehand.web.pages.chrome import chrome
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
Number = Annotated[int | None, Query(ge=1, le=1_000_000)]


@router.get("/articles/{article_id}")
def article(request: Request, article_id: ById, person: Reader, version: Number = None) -> Response:
    """Its text, or the one that it had in some version; where it came from, and what became of it."""
    with db.database().read() as session:
        known, frame = reading.known(session, article_id, person, version), chrome(session, person)
    return rendering.page(request, "articles/article.html", reading.view(known, person), frame)


@router.get("/articles/{article_id}/changes")
def changes(
    request: Request,
    article_id: ById,
    person: Reader,
    older: Number = None,
    newer: Number = None,
) -> Response:
    """What changed between two of its versions."""
    return show(
        request, person, "articles/changes.html", lambda session: reading.changes(session, article_id, older, newer)
    )


@router.post("/articles/{article_id}/refetch")
def refetch(article_id: ById, person: Editor) -> Response:
    """Fetch its page again, as a job."""
    with db.database().transaction() as session:
        asked = rereading.refetch(session, article_id)
        if asked:
            accounts.record(session, person, "refetched", "article", article_id)
    said = (
        "Its page is fetched again; a changed text becomes a new version." if asked else "It is being fetched already."
    )
    return flash.redirect(f"/articles/{article_id}", Flash(said, "good" if asked else "quiet"))


@router.post("/articles/{article_id}/split")
def split(article_id: ById, person: Editor) -> Response:
    """Say that it is no copy, for good."""
    with db.database().transaction() as session:
        original_id = verdicts.split(session, article_id, person.name)
        accounts.record(session, person, "split", "article", article_id, {"original_id": original_id})
    undo = f"/articles/{article_id}/merge/{original_id}"
    return flash.redirect(
        f"/articles/{article_id}", Flash("It is no copy any more, and will not become one.", undo=undo)
    )


@router.post("/articles/{article_id}/merge/{original_id}")
def merge(article_id: ById, original_id: ById, person: Editor) -> Response:
    """Say what it is a copy of, for good."""
    with db.database().transaction() as session:
        found = verdicts.merge(session, article_id, original_id, person.name)
        accounts.record(session, person, "merged", "article", article_id, {"original_id": found})
    said = Flash("It is a copy now, and stays one.", undo=f"/articles/{article_id}/split")
    return flash.redirect(f"/articles/{article_id}", said)
