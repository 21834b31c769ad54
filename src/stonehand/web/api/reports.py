"""Reports: what happened by the day and by the week, what came of an article, and counts from elsewhere."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.jobs import outbox
from stonehand.publications.models import Publication
from stonehand.reports import counting, periods, queries
from stonehand.reports.errors import ReportNotFound
from stonehand.reports.models import Report
from stonehand.reports.schemas import AnalyticsOut, CountIn, ReportOut, ReportWhole
from stonehand.reports.sections import as_csv
from stonehand.web.api.contract import Before, ById, JobRef, Limit, Page, Wish, page, problems
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/reports", tags=["reports"])
Kind = Literal["daily", "weekly"]
Which = Annotated[Kind | None, Query(description="Only daily or only weekly ones.")]
Chapter = Annotated[str, Query(max_length=40, pattern=r"^[a-z_]*$", description="Only this section.")]
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
TOGETHER = 100  # counts of one request


class ReportIn(Wish):
    """Which report to make: of the day or the week that holds `day`, or the last that is over."""

    kind: Kind = "daily"
    day: str = Field(default="", max_length=10, examples=["2026-05-17"])


class CountsIn(Wish):
    """Deeds to count, from where articles and pieces are read."""

    counts: list[CountIn] = Field(min_length=1, max_length=TOGETHER)


@router.get("", summary="Reports, the latest period first")
def listing(person: Reader, kind: Which = None, before: Before = None, limit: Limit = 50) -> Page[ReportOut]:
    """Without their sections; with a few key figures each."""
    with db.database().read() as session:
        found = queries.recent(session, kind or "", limit + 1, before)
    return page(found, limit, ReportOut.model_validate)


@router.post("", status_code=202, summary="Make a report now")
def make(wish: ReportIn, person: Editor) -> JobRef:
    """One of the same period is replaced. Daily ones are made at 03:00 by themselves, weekly ones on Mondays."""
    return asked(person, wish.kind, wish.day)


def asked(person: Person, kind: str, day: str) -> JobRef:
    """Ask for a report in a person's name. Raises `PeriodUnfit`."""
    with db.database().transaction() as session:
        if day:
            periods.read(kind, day, db.now(session))
        key = f"reports.{kind}:{day}"
        job_id = outbox.enqueue(session, f"reports.{kind}", {"day": day}, unique_key=key, asked_by=person.name[:120])
    return JobRef(job_id=job_id, detail="the report is being made" if job_id else "it is being made already")


@router.post("/counts", status_code=204, responses=problems(404), summary="Count deeds")
def count(wish: CountsIn, person: Editor) -> None:
    """Adds to what is known of articles and published pieces. A thing that is not there is refused, with all others."""
    with db.database().transaction() as session:
        for each in wish.counts:
            if each.subject == "article":
                articles.article(session, each.id)
            elif session.get(Publication, each.id) is None:
                raise ReportNotFound(f"there is no publication {each.id}; look up its id")
        for each in sorted(wish.counts, key=lambda one: (one.subject, one.id)):
            counting.count(session, each.subject, each.id, each.counts(), each.day)


@router.get("/articles/{article_id}", responses=problems(404), summary="What came of an article")
def analytics(article_id: ById, person: Reader) -> AnalyticsOut:
    """As of the last time somebody asked for it."""
    with db.database().read() as session:
        articles.article(session, article_id)
        known = queries.analytics(session, article_id)
    moment = known.updated_at if known else None
    return AnalyticsOut(article_id=article_id, figures=known.figures if known else None, updated_at=moment)


@router.post("/articles/{article_id}", status_code=202, responses=problems(404), summary="Find out what came of it")
def update(article_id: ById, person: Editor) -> JobRef:
    """By a job; then `GET` tells it."""
    return asked_of_article(person, article_id)


def asked_of_article(person: Person, article_id: str) -> JobRef:
    """Ask for the analytics of an article. Raises `ArticleNotFound`."""
    with db.database().transaction() as session:
        articles.article(session, article_id)
        key, args = f"reports.article:{article_id}", {"article_id": article_id}
        job_id = outbox.enqueue(session, "reports.article", args, unique_key=key, asked_by=person.name[:120])
    return JobRef(job_id=job_id, detail="it is being counted" if job_id else "it is being counted already")


@router.get("/{report_id}", responses=problems(404), summary="One report")
def one(report_id: ById, person: Reader) -> ReportWhole:
    """With all its sections."""
    with db.database().read() as session:
        return ReportWhole.of(queries.report(session, report_id))


@router.get("/{report_id}/csv", response_class=Response, responses=CSV | problems(404), summary="A report as CSV")
def export(report_id: ById, person: Reader, section: Chapter = "") -> Response:
    """All sections, or one; one table after the other."""
    with db.database().read() as session:
        return written(queries.report(session, report_id), section)


def written(found: Report, section: str) -> Response:
    """The answer that is saved as a file. Raises `ReportNotFound`."""
    told = [queries.section(found, section)] if section else queries.sections(found)
    name = f"stonehand-{found.kind}-{found.since}{'-' if section else ''}{section}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(as_csv(told), media_type="text/csv; charset=utf-8", headers=headers)
