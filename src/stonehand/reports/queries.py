"""Reads of reports that deserve a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from stonehand.db import Session
from stonehand.reports.errors import ReportNotFound
from stonehand.reports.models import ArticleAnalytics, Report
from stonehand.reports.periods import DAILY, Period, read
from stonehand.reports.sections import Section, of_json

CATCH_UP = 7  # days that are made up for when nothing ran


def report(session: Session, wanted: str) -> Report:
    """A report with its sections, by its id, or as `daily:2026-05-17`. Raises `ReportNotFound`."""
    kind, _, since = wanted.partition(":")
    which = sa.and_(Report.kind == kind, Report.since == since) if since else Report.id == wanted
    found = session.scalar(sa.select(Report).where(which).options(undefer(Report.sections)))
    if found is None:
        raise ReportNotFound(
            f"there is no report {wanted[:64]}; `stonehand report list` lists all, and one can be made"
        )
    return found


def sections(found: Report) -> list[Section]:
    """What a report says."""
    return [of_json(each) for each in found.sections]


def section(found: Report, key: str) -> Section:
    """One section of it. Raises `ReportNotFound`."""
    for each in sections(found):
        if each.key == key:
            return each
    raise ReportNotFound(f"the report has no section {key[:40]!r}")


def recent(session: Session, kind: str = "", limit: int = 50, before: str | None = None) -> Sequence[Report]:
    """Reports without their sections, the latest period first; `before` is the id of the last one seen."""
    wish = sa.select(Report).order_by(Report.since.desc(), Report.id.desc()).limit(limit)
    wish = wish.where(Report.kind == kind) if kind else wish
    last = session.get(Report, before) if before else None
    if last is not None:
        wish = wish.where(sa.tuple_(Report.since, Report.id) < sa.tuple_(last.since, last.id))
    return session.scalars(wish).all()


def neighbours(session: Session, found: Report) -> tuple[Report | None, Report | None]:
    """The report of this kind before it, and the one after it."""
    same = sa.select(Report).where(Report.kind == found.kind)
    earlier = session.scalar(same.where(Report.since < found.since).order_by(Report.since.desc()).limit(1))
    later = session.scalar(same.where(Report.since > found.since).order_by(Report.since).limit(1))
    return earlier, later


def missing_days(session: Session, now: datetime) -> list[Period]:
    """The days that are over and have no report yet: yesterday, and up to a week back to the last one that was made."""
    latest = session.scalar(sa.select(sa.func.max(Report.since)).where(Report.kind == DAILY))
    wanted = [read(DAILY, "", now)]
    while latest and len(wanted) < CATCH_UP and wanted[0].before.since.isoformat() > latest:
        wanted.insert(0, wanted[0].before)
    return wanted


def analytics(session: Session, article_id: str) -> ArticleAnalytics | None:
    """What came of an article, as far as anybody has asked."""
    return session.get(ArticleAnalytics, article_id)
