"""The jobs that make reports."""

from __future__ import annotations

from stonehand import db
from stonehand.jobs import Attempt, task
from stonehand.reports import making, periods, queries, service
from stonehand.reports.periods import DAILY, WEEKLY, Period


@task("reports.daily", queue="analytics", role="editor")
def daily(attempt: Attempt, day: str = "") -> None:
    """Make the report of a day (2026-05-17); without one of yesterday, and of days that were missed."""
    with attempt.read() as session:
        moment = db.now(session)
        wanted = [periods.read(DAILY, day, moment)] if day else queries.missing_days(session, moment)
    _make(attempt, wanted)


@task("reports.weekly", queue="analytics", role="editor")
def weekly(attempt: Attempt, day: str = "") -> None:
    """Make the report of the week that holds a day; without one of the last week that is over."""
    with attempt.read() as session:
        wanted = [periods.read(WEEKLY, day, db.now(session))]
    _make(attempt, wanted)


def _make(attempt: Attempt, wanted: list[Period]) -> None:
    made = []
    for period in wanted[:-1]:
        attempt.check_cancelled()
        sections = making.sections(attempt.read, period)
        with attempt.write() as session:
            made.append(service.keep(session, period, sections))
    last = wanted[-1]
    sections = making.sections(attempt.read, last)
    with attempt.finish() as session:
        made.append(service.keep(session, last, sections))
        days = [period.since.isoformat() for period in wanted]
        attempt.note(session, {"report_id": made[-1], "kind": last.kind, "reports": made, "days": days})


@task("reports.article", queue="analytics", role="editor")
def article(attempt: Attempt, article_id: str) -> None:
    """Find out what came of one article."""
    with attempt.finish() as session:
        attempt.note(session, {"article_id": article_id} | service.update_article(session, article_id))
