"""Trends: what is rising, holds or fades, and why."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.trends import queries
from stonehand.trends.schemas import TrendDetail, TrendOut
from stonehand.trends.states import TrendState
from stonehand.web.api.contract import ById, Limit, Page, problems
from stonehand.web.api.stories import Place, Words
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/trends", tags=["trends"])


class Asked(BaseModel):
    """The job that was asked for; null if one waits already."""

    job_id: str | None


@router.get("", summary="Trends by score")
def listing(
    person: Reader, state: TrendState | None = None, words: Words = "", before: Place = "0", limit: Limit = 50
) -> Page[TrendOut]:
    """The highest first; without a state, all but the dead."""
    start = int(before)
    with db.database().read() as session:
        found = queries.top(session, state, limit + 1, start, words)
        items = [TrendOut.of(*row) for row in found[:limit]]
    return Page(items=items, next=str(start + limit) if len(found) > limit else None, limit=limit)


@router.get("/statistics", summary="How many trends are in which state, averages, the ten highest")
def statistics(person: Reader, days: Limit = 7) -> dict[str, Any]:
    """Of the trends that were looked at in the last days."""
    with db.database().read() as session:
        return queries.statistics(session, days)


@router.post("/update", status_code=202, summary="Judge all stories of the last week now")
def update(person: Editor) -> Asked:
    """It also happens by itself, every 20 minutes."""
    with db.database().transaction() as session:
        job_id = jobs.enqueue(session, "trends.update", {}, unique_key="trends.update", asked_by=person.id)
        accounts.record(session, person, "updated", "trends", job_id or "", {})
    return Asked(job_id=job_id)


@router.get("/{story_id}", responses=problems(404), summary="One trend: why, the parts of its score, how it went")
def one(story_id: ById, person: Reader) -> TrendDetail:
    """By the id of its story."""
    with db.database().read() as session:
        return TrendDetail.of(*queries.trend(session, story_id))
