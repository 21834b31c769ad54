"""Asking for the jobs of rubrics, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand import jobs
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.rubrics import queries, service
from stonehand.rubrics.errors import ArticlesUnfit

MOST = 100


def score(session: Session, person: Person, keys: Sequence[str], ids: Sequence[str], way: str = "best") -> str | None:
    """Score these articles by these rubrics. Returns the job's id. Raises `ArticlesUnfit`, `RubricNotFound`."""
    person.require("edit")
    service.install_presets(session)
    wanted = list(dict.fromkeys(ids))
    if not 0 < len(wanted) <= MOST:
        raise ArticlesUnfit(f"choose 1 to {MOST} articles, not {len(wanted)}")
    slugs = [queries.rubric(session, key).slug for key in keys]
    args = {"article_ids": " ".join(wanted), "rubrics": " ".join(slugs), "way": way}
    return jobs.enqueue(session, "rubrics.classify", args, priority=6)


def calibrate(session: Session, person: Person, key: str) -> str | None:
    """Learn from what people said. Returns the job's id, or None if one waits already."""
    person.require("edit")
    rubric = queries.rubric(session, key)
    return jobs.enqueue(session, "rubrics.calibrate", {"rubric": rubric.id}, unique_key=f"calibrate:{rubric.id}")
