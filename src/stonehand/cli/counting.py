"""What a run has brought: the counts of its summary."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.articles.models import Article
from stonehand.articles.states import State as ArticleState
from stonehand.db import Database, Session, utc_now
from stonehand.drafts.models import Citation, Draft
from stonehand.jobs import queries as jobs
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.publications.models import Publication
from stonehand.sources.models import Entry, Source
from stonehand.stories.models import Placement

STEPS = {
    "sources.poll": "poll",
    "sources.poll_patiently": "poll",
    "articles.fetch": "fetch",
    "articles.fetch_meeting": "fetch",
    "articles.fetch_patiently": "fetch",
    "articles.extract": "extract",
    "analysis.analyse": "analyse",
    "stories.place": "place",
    "drafts.write": "write",
    "reviews.open": "review",
    "publications.publish": "publish",
}
LOOKS, FETCHES = (tuple(task for task in STEPS if STEPS[task] == step) for step in ("poll", "fetch"))
Ids = sa.Select[Any]


def summary(
    database: Database, source_ids: Sequence[str], since: datetime, errors: Iterable[dict[str, str]]
) -> dict[str, Any]:
    """The counts of everything that came of these sources, the seconds of each step, and what went wrong."""
    entries = sa.select(Entry.id).where(Entry.source_id.in_(source_ids))
    articles = sa.select(Entry.article_id).where(Entry.source_id.in_(source_ids), Entry.article_id.is_not(None))
    readable = sa.select(Article.id).where(Article.id.in_(articles), Article.state == ArticleState.EXTRACTED)
    stories = sa.select(Placement.story_id).where(Placement.article_id.in_(readable)).distinct()
    drafts = sa.select(Draft.id).where(Draft.story_id.in_(stories), Draft.current_revision_id.is_not(None))
    citations = sa.select(Citation.id).where(
        Citation.revision_id.in_(sa.select(Draft.current_revision_id).where(Draft.id.in_(drafts))),
        Citation.article_id.is_not(None),
    )
    published = sa.select(Publication.id).where(Publication.draft_id.in_(drafts), Publication.published_at.is_not(None))
    with database.read() as session:
        return {
            "sources": _worked(session, source_ids, since),
            "entries": _count(session, entries),
            "articles": _count(session, readable),
            "duplicates": _count(session, readable.where(Article.duplicate_of.is_not(None)))
            + _named_twice(session, source_ids, since),
            "stories": _count(session, stories),
            "drafts": _count(session, drafts),
            "citations": _count(session, citations),
            "publications": _count(session, published),
            "seconds": _seconds(session, since),
            "errors": [
                *errors,
                *_failed_sources(session, source_ids, since),
                *_failed_entries(session, source_ids),
                *_unreadable(session, articles),
                *_dead_letters(session, since),
            ],
        }


def _count(session: Session, ids: Ids) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(ids.subquery())) or 0)


def _worked(session: Session, source_ids: Sequence[str], since: datetime) -> int:
    looked = sa.or_(Source.last_ok_at >= since, Source.kind == "pages")
    return _count(session, sa.select(Source.id).where(Source.id.in_(source_ids), looked))


def _named_twice(session: Session, source_ids: Sequence[str], since: datetime) -> int:
    """Entries whose page another entry had named before; they are not stored a second time.

    A source that was looked at twice names them twice, so only its best look counts.
    """
    looks = session.execute(
        sa.select(Job.args, Job.result).where(Job.task.in_(LOOKS), Job.created_at >= since, Job.result.is_not(None))
    )
    most = dict.fromkeys(source_ids, 0)
    for args, result in looks:
        if (source_id := args["source_id"]) in most:
            most[source_id] = max(most[source_id], int((result or {}).get("elsewhere", 0)))
    return sum(most.values())


def _seconds(session: Session, since: datetime) -> dict[str, float]:
    steps: dict[str, float] = {}
    for span in jobs.spans(session, since):
        if step := STEPS.get(span.task):
            steps[step] = max(steps.get(step, 0.0), round(span.seconds, 2))
    return {**steps, "total": round((utc_now() - since).total_seconds(), 2)}


def _failed_sources(session: Session, source_ids: Sequence[str], since: datetime) -> list[dict[str, str]]:
    failed = sa.select(Source.url, Source.last_error).where(
        Source.id.in_(source_ids), Source.last_error.is_not(None), Source.last_poll_at >= since
    )
    return [{"source": url, "reason": reason or ""} for url, reason in session.execute(failed)]


def _failed_entries(session: Session, source_ids: Sequence[str]) -> list[dict[str, str]]:
    failed = sa.select(Entry.url, Entry.error).where(Entry.source_id.in_(source_ids), Entry.error.is_not(None))
    return [{"entry": url or "", "reason": reason or ""} for url, reason in session.execute(failed)]


def _unreadable(session: Session, articles: Ids) -> list[dict[str, str]]:
    """Pages that came and hold no article."""
    empty = sa.select(Article.url, Article.error).where(
        Article.id.in_(articles), Article.state == ArticleState.UNREADABLE
    )
    return [{"entry": url, "reason": reason or ""} for url, reason in session.execute(empty)]


def _dead_letters(session: Session, since: datetime) -> list[dict[str, str]]:
    """Jobs that were given up, but for those whose entry says so already."""
    dead = sa.select(Job.id, Job.task, Job.error).where(
        Job.created_at >= since, Job.state == State.DISCARDED, Job.task.not_in(FETCHES)
    )
    return [{"job": job_id, "task": task, "reason": error or ""} for job_id, task, error in session.execute(dead)]
