"""Monitoring processes: what looks for articles on a platform and writes comments, its stages, and its verbs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from stonehand import db
from stonehand.comments import queries, service, stages
from stonehand.comments.models import CommentProcess
from stonehand.comments.schemas import PipelineStatus, ProcessChange, ProcessIn, ProcessOut
from stonehand.comments.states import ProcessState, Stage
from stonehand.db import Session
from stonehand.web.api.contract import ById, Wish, problems
from stonehand.web.deps import Editor, Publisher, Reader

router = APIRouter(prefix="/monitoring-processes", tags=["processes"])
Shape = TypeVar("Shape")
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many items to leave out.")]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items at most.")]
Platform = Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$", description="Only of this platform.")]
States = Annotated[list[ProcessState], Query(default_factory=list, description="One or several; all if left out.")]


class Part(BaseModel, Generic[Shape]):
    """Part of a list, with how many there are in all."""

    items: list[Shape]
    total: int
    limit: int
    offset: int


class Process(ProcessOut):
    """A process. `status` is its state by its former name; `task_ids` are the latest jobs, one for each stage."""

    status: ProcessState
    task_ids: dict[Stage, str | None]

    @classmethod
    def of(cls, session: Session, process: CommentProcess) -> Process:
        """With the ids of its logins and prompts."""
        return cls.of_all(session, [process])[0]

    @classmethod
    def of_all(cls, session: Session, processes: Sequence[CommentProcess]) -> list[Process]:
        """The same of many."""
        logins, prompts = queries.links(session, [each.id for each in processes])
        return [
            cls(
                **{name: getattr(each, name) for name in ProcessOut.model_fields if hasattr(each, name)},
                login_ids=logins[each.id],
                prompt_ids=prompts[each.id],
                status=ProcessState(each.state),
                task_ids={stage: getattr(each, stages.COLUMNS[stage]) for stage in Stage},
            )
            for each in processes
        ]


class Copy(Wish):
    """What a copy is called; `NAME (copy)` if that is left out."""

    name: str = Field(default="", max_length=100)


class Asked(BaseModel):
    """A job was asked for; `GET /jobs/{job_id}` and `GET /tasks/status/{task_id}` say how it stands."""

    task_id: str
    job_id: str
    status: str = "pending"
    message: str


@router.get("", summary="Every process, the newest first")
def listing(
    person: Reader, state: States, platform_id: Platform = "", limit: Limit = 50, offset: Offset = 0
) -> Part[Process]:
    """Those that were deleted are left out."""
    with db.database().read() as session:
        found, total = queries.processes(session, platform_id, state, limit, offset)
        return Part(items=Process.of_all(session, found), total=total, limit=limit, offset=offset)


@router.post("", status_code=201, responses=problems(404), summary="Make a process")
def create(wish: ProcessIn, person: Editor) -> Process:
    """It does nothing before it is started. What it writes waits for a person, unless it says why it need not."""
    with db.database().transaction() as session:
        return Process.of(session, service.create(session, person, wish))


@router.get("/{process_id}", responses=problems(404), summary="One process")
def one(process_id: ById, person: Reader) -> Process:
    """With its logins, its prompts and the latest job of each stage."""
    with db.database().read() as session:
        return Process.of(session, queries.process(session, process_id))


@router.patch("/{process_id}", responses=problems(404, 409), summary="Change a process")
def change(process_id: ById, wish: ProcessChange, person: Editor) -> Process:
    """What is left out stays. 409 while it is at work."""
    with db.database().transaction() as session:
        return Process.of(session, service.update(session, person, process_id, wish))


@router.delete("/{process_id}", status_code=204, responses=problems(404, 409), summary="Delete a process")
def remove(process_id: ById, person: Editor) -> None:
    """Its comments stay on record. 409 while it is at work, or while comments of it are on their way."""
    with db.database().transaction() as session:
        service.delete(session, person, process_id)


@router.post("/{process_id}/start", responses=problems(404, 409), summary="Start or resume a process")
def start(process_id: ById, person: Editor) -> Process:
    """From what an earlier run has left behind. 409 if nothing could be done, with all that stands in the way."""
    with db.database().transaction() as session:
        return Process.of(session, service.start(session, person, process_id))


@router.post("/{process_id}/stop", responses=problems(404, 409), summary="Stop a process")
def stop(process_id: ById, person: Editor) -> Process:
    """Its stages end within seconds and nothing is lost. What a person has approved is sent all the same."""
    with db.database().transaction() as session:
        return Process.of(session, service.stop(session, person, process_id))


@router.post("/{process_id}/clone", status_code=201, responses=problems(404), summary="Copy a process")
def clone(process_id: ById, wish: Copy, person: Editor) -> Process:
    """With the same settings. It has found nothing yet."""
    with db.database().transaction() as session:
        return Process.of(session, service.clone(session, person, process_id, wish.name))


@router.get("/{process_id}/pipeline-status", responses=problems(404), summary="How far a process is")
def pipeline_status(process_id: ById, person: Reader) -> PipelineStatus:
    """Counts for each stage and for each state of a comment, and the job that works for each stage."""
    with db.database().read() as session:
        return queries.status(session, process_id)


@router.post("/{process_id}/post-comments", status_code=202, responses=problems(404), summary="Send what is approved")
def post_comments(process_id: ById, person: Publisher) -> Asked:
    """Also of a process that is stopped. Each comment is sent once, at the site's pace, within its caps."""
    with db.database().transaction() as session:
        job_id = service.post_all(session, person, process_id)
    return Asked(task_id=job_id, job_id=job_id, message="What is approved is being sent")
