"""Reports: the list, one of them with its charts and CSV, and what came of an article."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.errors import Rejected
from stonehand.reports import queries
from stonehand.web import flash
from stonehand.web.api import reports as api
from stonehand.web.api.contract import Before, ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import report_reading as reading
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/reports", include_in_schema=False)
Kind = Literal["", "daily", "weekly"]
Chapter = Annotated[str, Query(max_length=40, pattern=r"^[a-z_]*$")]
Typed = Annotated[str, Form(max_length=20, pattern=r"^[^\x00]*$")]


@router.get("")
def index(request: Request, person: Reader, kind: Kind = "", before: Before = None) -> Response:
    """Every report, and the course of a few figures."""
    look = lambda session: reading.index(session, person, kind, before)  # noqa: E731
    return show(request, person, "reports/index.html", look)


@router.post("")
def make(
    request: Request, person: Editor, kind: Annotated[Literal["daily", "weekly"], Form()] = "daily", day: Typed = ""
) -> Response:
    """Make a report now."""
    try:
        made = api.asked(person, kind, day.strip())
    except Rejected as error:
        words = f"{str(error)[:1].upper()}{str(error)[1:]}."
        look = lambda session: reading.index(session, person, "", None, day, words)  # noqa: E731
        return show(request, person, "reports/index.html", look, 422)
    return flash.redirect(f"/jobs/{made.job_id}" if made.job_id else "/reports", Flash(f"{made.detail.capitalize()}."))


@router.get("/articles/{article_id}")
def analytics(request: Request, article_id: ById, person: Reader) -> Response:
    """What came of one article."""
    look = lambda session: reading.analytics(session, person, article_id)  # noqa: E731
    return show(request, person, "reports/article.html", look)


@router.post("/articles/{article_id}")
def update(article_id: ById, person: Editor) -> Response:
    """Find it out anew."""
    made = api.asked_of_article(person, article_id)
    return flash.redirect(
        f"/reports/articles/{article_id}", Flash(f"{made.detail.capitalize()}; look again in a moment.")
    )


@router.get("/{report_id}")
def report(request: Request, report_id: ById, person: Reader) -> Response:
    """One report."""
    return show(request, person, "reports/report.html", lambda session: reading.report(session, report_id))


@router.get("/{report_id}/csv")
def export(report_id: ById, person: Reader, section: Chapter = "") -> Response:
    """As a file for a spreadsheet."""
    with db.database().read() as session:
        return api.written(queries.report(session, report_id), section)
