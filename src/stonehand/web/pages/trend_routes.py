"""Trends: the board, one trend, and judging them now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.trends.states import TrendState
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import trend_reading as reading
from stonehand.web.pages.showing import show as show_page

router = APIRouter(prefix="/trends", include_in_schema=False)
Start = Annotated[int, Query(ge=0, le=100_000)]


@router.get("")
def board(request: Request, person: Reader, show: str = "", start: Start = 0) -> Response:
    """All states side by side, or the trends of one."""
    state = TrendState(show) if show in set(TrendState) else None
    return show_page(request, person, "trends/index.html", lambda session: reading.board(session, state, start))


@router.post("/update")
def update(person: Editor) -> Response:
    """Judge all stories now; it also happens by itself."""
    with db.database().transaction() as session:
        job_id = jobs.enqueue(session, "trends.update", {}, unique_key="trends.update", asked_by=person.id)
        accounts.record(session, person, "updated", "trends", job_id or "", {})
    return flash.redirect("/trends", Flash("The stories are being judged; look again in a moment."))


@router.get("/{story_id}")
def trend(request: Request, story_id: ById, person: Reader) -> Response:
    """One trend: why, and how it went."""
    return show_page(request, person, "trends/trend.html", lambda session: reading.trend(session, story_id))
