"""The page of one article."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from stonehand import db
from stonehand.web import rendering
from stonehand.web.api.contract import ById
from stonehand.web.deps import Reader
from stonehand.web.pages import article_reading as reading
from stonehand.web.pages.chrome import chrome

router = APIRouter(include_in_schema=False)


@router.get("/articles/{article_id}")
def article(request: Request, article_id: ById, person: Reader) -> Response:
    """Its text, where it came from, and what became of it."""
    with db.database().read() as session:
        known, frame = reading.known(session, article_id, person.id), chrome(session, person)
    return rendering.page(request, "articles/article.html", reading.view(known), frame)
