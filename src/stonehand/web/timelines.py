"""One article, and the drafts it went into, through all their jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.drafts.models import Citation, Revision
from stonehand.jobs import announcements, queries
from stonehand.jobs.models import Job
from stonehand.publications.models import Publication
from stonehand.reviews.models import Review
from stonehand.sources.models import Entry

LONGEST = 200  # jobs
Ids = dict[str, set[str]]
_ALSO = {"revision_id": "drafts.recheck:{}", "review_id": "reviews.release:{}:*"}
"""Keys of jobs that follow no event."""


def timeline(session: Session, job: Job) -> Sequence[Job]:
    """The jobs of the thing that this job works on, oldest first; of its whole way, from the entry to publication."""
    ids: Ids = {name: {value} for name, value in job.args.items() if name in _STEPS and isinstance(value, str)}
    for name, step in _STEPS.items():
        if ids.get(name):
            for other, found in step(session, ids[name]).items():
                ids.setdefault(other, set()).update(found)
    jobs = queries.known_as(session, sorted(_keys(ids)), LONGEST)
    return jobs if len(jobs) > 1 or (jobs and jobs[0].id != job.id) else []


def _keys(ids: Ids) -> Iterable[str]:
    for name, values in ids.items():
        patterns = [f"{task}:{{}}" for task in announcements.tasks_told(name)]
        if name in _ALSO:
            patterns.append(_ALSO[name])
        yield from (pattern.format(value) for pattern in patterns for value in values)


def _of_publication(session: Session, ids: set[str]) -> Ids:
    return {"draft_id": _all(session, Publication.draft_id, Publication.id, ids)}


def _of_review(session: Session, ids: set[str]) -> Ids:
    return {"draft_id": _all(session, Review.draft_id, Review.id, ids)}


def _of_revision(session: Session, ids: set[str]) -> Ids:
    return {"draft_id": _all(session, Revision.draft_id, Revision.id, ids)}


def _of_entry(session: Session, ids: set[str]) -> Ids:
    return {"article_id": _all(session, Entry.article_id, Entry.id, ids)}


def _of_article(session: Session, ids: set[str]) -> Ids:
    revisions = _all(session, Citation.revision_id, Citation.article_id, ids)
    return {
        "entry_id": _all(session, Entry.id, Entry.article_id, ids),
        "draft_id": _all(session, Revision.draft_id, Revision.id, revisions),
    }


def _of_draft(session: Session, ids: set[str]) -> Ids:
    return {
        "review_id": _all(session, Review.id, Review.draft_id, ids),
        "revision_id": _all(session, Revision.id, Revision.draft_id, ids),
        "publication_id": _all(session, Publication.id, Publication.draft_id, ids),
    }


def _all(session: Session, wanted: Any, known: Any, values: set[str]) -> set[str]:
    rows = session.scalars(sa.select(wanted).where(known.in_(values)).limit(LONGEST)) if values else ()
    return {value for value in rows if value}


_STEPS: dict[str, Callable[[Session, set[str]], Ids]] = {
    "publication_id": _of_publication,
    "review_id": _of_review,
    "revision_id": _of_revision,
    "entry_id": _of_entry,
    "article_id": _of_article,
    "draft_id": _of_draft,
}
"""In an order in which each step finds what the earlier ones have found."""
