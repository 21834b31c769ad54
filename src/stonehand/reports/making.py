"""From the tables of all rooms to the sections of a report. Each section is a short look of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from stonehand.db import Session
from stonehand.reports import content, engagement, performance, topics, work
from stonehand.reports.periods import Period
from stonehand.reports.sections import Section

Opened = Callable[[], AbstractContextManager[Session]]


def sections(opened: Opened, period: Period) -> list[Section]:
    """Every section of a report; `opened` opens a look at the database."""
    looks: tuple[Callable[[Session, Period], Section], ...] = (
        content.articles,
        performance.articles,
        engagement.report,
        performance.pieces,
        content.writing,
        work.sources,
        work.jobs,
        work.money,
    )
    found = [_looked(opened, look, period) for look in looks]
    found.insert(3, _quality(opened, period))
    found.insert(4, _trends(opened, period))
    return found


def _looked(opened: Opened, look: Callable[[Session, Period], Section], period: Period) -> Section:
    with opened() as session:
        return look(session, period)


def _quality(opened: Opened, period: Period) -> Section:
    with opened() as session:
        found = content.sample(session, period)
    return content.judged(found)


def _trends(opened: Opened, period: Period) -> Section:
    with opened() as session:
        now = topics.phrases(session, period)
    with opened() as session:
        before = topics.phrases(session, period.before)
    with opened() as session:
        return topics.report(session, period, now, before)
