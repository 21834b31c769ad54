"""What belongs to one job: the items it was held with, its log, its way, and what it waits for."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query

from stonehand import db
from stonehand.jobs import dependencies, logs, queries
from stonehand.jobs.desk import filters
from stonehand.jobs.desk.filters import Filter
from stonehand.jobs.schemas import JobOut
from stonehand.web import timelines
from stonehand.web.api.contract import ID, ById, Limit, Page, problems, whole
from stonehand.web.api.job_shapes import ItemsOut, LogOut, NeedsOut
from stonehand.web.deps import Reader

router = APIRouter(tags=["job_parts"])
After = Annotated[str, Query(pattern=ID)]
GONE = problems(404)


@router.get("/jobs/{job_id}/items", responses=GONE, summary="The jobs that its attempt holds or held together")
def items(job_id: ById, person: Reader, after: After | None = None, limit: Limit = 50) -> ItemsOut:
    """Done and failed ones by state, and a part of them. A job that ran alone has none."""
    with db.database().read() as session:
        job = queries.job(session, job_id)
        found = queries.items(session, job, after or "", limit + 1)
        counts = {str(state): count for state, count in queries.items_by_state(session, job).items()}
    following = found[limit - 1].id if len(found) > limit else None
    return ItemsOut(counts=counts, items=[JobOut.of(each) for each in found[:limit]], next=following)


@router.get("/jobs/{job_id}/log", responses=GONE, summary="What its attempts logged")
def log(job_id: ById, person: Reader) -> Page[LogOut]:
    """The last hundred lines of each attempt that logged anything, the newest attempt first, without secrets."""
    with db.database().read() as session:
        queries.job(session, job_id)
        return whole([LogOut.of(kept) for kept in logs.of(session, job_id)])


@router.get("/jobs/{job_id}/timeline", responses=GONE, summary="The whole way of what it works on")
def timeline(job_id: ById, person: Reader) -> Page[JobOut]:
    """The jobs of its article, and of the drafts that cite it, from the entry to publication, oldest first."""
    with db.database().read() as session:
        return whole([JobOut.of(each) for each in timelines.timeline(session, queries.job(session, job_id))])


@router.get("/jobs/{job_id}/needs", responses=GONE, summary="What it waits for, and what waits for it")
def needs(job_id: ById, person: Reader) -> NeedsOut:
    """Its chain or group by state, and what it asked for itself."""
    with db.database().read() as session:
        job = queries.job(session, job_id)
        flow = filters.counts(session, Filter(flow=job.flow_id)) if job.flow_id else {}
        children = filters.counts(session, Filter(parent=job_id))
        return NeedsOut(
            needs=[JobOut.of(each) for each in dependencies.needed(session, job_id)],
            unmet=[each.id for each in dependencies.unmet(session, job_id)],
            waiting_for_it=list(dependencies.waiting_for(session, [job_id])),
            flow=Counter({str(state): count for state, count in flow.items()}),
            children=Counter({str(state): count for state, count in children.items()}),
        )
