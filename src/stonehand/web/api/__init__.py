"""The API: every action of the desk, under /api/v1."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from stonehand.web.api import (
    agents,
    alerts,
    articles,
    audit,
    auth,
    channels,
    comments,
    curations,
    dead_letters,
    digests,
    doctor,
    drafts,
    formerly,
    gate,
    job_parts,
    jobs,
    letters,
    library,
    limits,
    models,
    opt_outs,
    platforms,
    posts,
    processes,
    prompts,
    publication_changes,
    publishers,
    queues,
    reading,
    reports,
    review_desk,
    reviews,
    robots,
    rubrics,
    sample,
    schedules,
    scheduling,
    source_keeping,
    sources,
    stories,
    trends,
    usage,
    users,
    vectors,
)
from stonehand.web.api.contract import ANYWHERE, BEARER, operation_id, storable

ROOMS = (
    auth,
    users,
    audit,
    robots,
    source_keeping,  # before the sources by their ids
    sources,
    letters,
    articles,
    library,
    rubrics,
    stories,
    trends,
    vectors,
    reading,
    digests,
    curations,
    prompts,
    drafts,
    posts,
    review_desk,  # before the reviews by their ids
    reviews,
    gate,
    publication_changes,  # as above
    scheduling,
    channels,
    platforms,
    opt_outs,
    processes,
    comments,
    models,
    usage,
    agents,
    publishers,
    reports,
    dead_letters,
    jobs,
    limits,
    job_parts,
    queues,
    schedules,
    sample,
    alerts,
    doctor,
)

router = APIRouter(
    prefix="/api/v1",
    responses=ANYWHERE,
    dependencies=[Depends(storable)],
    generate_unique_id_function=operation_id,
)
router.include_router(auth.doors_router)
for _room in ROOMS:
    router.include_router(_room.router, dependencies=[BEARER])
bytes_router = APIRouter(prefix="/api/v1", responses=ANYWHERE, generate_unique_id_function=operation_id)
bytes_router.include_router(letters.uploads, dependencies=[BEARER])
bytes_router.include_router(letters.mail_door)
router.include_router(formerly.tasks, dependencies=[BEARER])
