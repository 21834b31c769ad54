"""What is due to go, and letting it go a little at a time. What a draft cites is never touched."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import config
from stonehand.articles import archiving
from stonehand.articles import forgetting as articles
from stonehand.articles.models import Article
from stonehand.curation import forgetting as curations
from stonehand.curation.models import CurationItem
from stonehand.db import Session, now
from stonehand.drafts.models import Citation
from stonehand.jobs.desk import forgetting as jobs
from stonehand.sources.letters import forgetting as letters
from stonehand.sources.models import Entry

CHUNK = 500  # rows that go in one transaction
FEW = 50  # pages or texts that go in one transaction: they are large
CITED = sa.exists().where(Citation.article_id == Article.id)
Opened = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Due:
    """What would go now."""

    kind: str
    after: str
    count: int


def due(session: Session) -> list[Due]:
    """What would go now, of each kind. Nothing is changed by asking."""
    settings = config.settings()
    dead = f"{settings.job_history_days} days, dead letters {settings.dead_letter_days}"
    return [
        Due("results", f"{settings.result_expires} s", jobs.results_due(session)),
        Due("jobs", dead, jobs.due(session)),
        Due(
            "pages",
            f"{settings.page_days} days",
            _count(session, articles.old_pages(_before(session, settings.page_days), CITED)),
        ),
        Due("letters", f"{settings.letter_days} days", _count(session, _letters_due(session))),
        Due("curations", f"{settings.curation_days} days", _count(session, _curations_due(session))),
        Due("texts", f"{settings.archive_days} days", _count(session, _texts_due(session, settings.archive_days))),
    ]


def forget_results(opened: Opened) -> int:
    """Delete results that are too old. `opened` opens a transaction. Returns how many."""
    return _all(opened, lambda session: jobs.forget_results(session, jobs.results_before(session), CHUNK), CHUNK)


def forget_jobs(opened: Opened) -> int:
    """Delete records of jobs that are too old. Returns how many."""
    total = 0
    for state, age in jobs.ages().items():
        total += _all(opened, lambda s, st=state, a=age: jobs.forget(s, st, now(s) - a, CHUNK), CHUNK)  # type: ignore[misc]
    return total


def forget_pages(opened: Opened, days: int = 0) -> int:
    """Delete raw pages older than `days`, or as the settings say. Returns how many."""
    days = days or config.settings().page_days
    return _all(opened, lambda session: articles.forget_pages(session, _before(session, days), CITED, FEW), FEW)


def forget_letters(opened: Opened) -> int:
    """Delete the raw bytes of letters that are too old. Returns how many."""
    return _all(opened, lambda session: letters.forget_raw(session, _letters_due(session), FEW), FEW)


def forget_curations(opened: Opened) -> int:
    """Delete curations that ended long ago, and their results. Returns how many."""
    _all(opened, lambda session: curations.forget_items(session, _curations_due(session), CHUNK), CHUNK)
    return _all(opened, lambda session: curations.forget(session, _curations_due(session), CHUNK), CHUNK)


def archive_texts(opened: Opened, days: int = 0) -> int:
    """Compress the texts of articles older than `days`, or as the settings say, outside of any transaction.

    Returns how many.
    """
    total, days = 0, days or config.settings().archive_days
    while True:
        with opened() as session:
            found = articles.texts(session, _texts_due(session, days).limit(FEW))
        if not found:
            return total
        packed = {article_id: archiving.pack(text) for article_id, text in found.items()}
        with opened() as session:
            total += articles.archive(session, packed, CITED)


def _all(opened: Opened, deed: Callable[[Session], int], most: int) -> int:
    total = 0
    while True:
        with opened() as session:
            count = deed(session)
        total += count
        if count < most:
            return total


def _before(session: Session, days: int) -> datetime:
    return now(session) - timedelta(days=days)


def _letters_due(session: Session) -> sa.Select[str]:
    cited = sa.exists().where(Citation.article_id == Entry.article_id)
    return letters.old_letters(_before(session, config.settings().letter_days), cited)


def _curations_due(session: Session) -> sa.Select[str]:
    cited = sa.exists().where(Citation.article_id == CurationItem.article_id)
    return curations.old(_before(session, config.settings().curation_days), cited)


def _texts_due(session: Session, days: int) -> sa.Select[str]:
    return articles.old_articles(_before(session, days), CITED)


def _count(session: Session, wish: sa.Select[str]) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(wish.order_by(None).subquery())) or 0
