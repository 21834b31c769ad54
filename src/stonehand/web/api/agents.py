"""Agents: what each is, what it would do next, its runs, and letting it write."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from stonehand import db
from stonehand.agents import planning, queries, quotas, service, timing
from stonehand.agents.schemas import AgentChange, AgentIn, AgentOut, PlanOut, RunOut
from stonehand.web.api.contract import Before, Limit, Page, Wish, page, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/agents", tags=["agents"])
Which = Annotated[str, Path(max_length=80, pattern=r"^[^\x00]+$", description="Its id or its name.")]
Id = Annotated[str, Field(default="", max_length=64, pattern=r"^[A-Za-z0-9._-]*$")]
Reason = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Why, for whoever wonders.")]


class About(Wish):
    """What a piece should be about: a topic, or one of the ids."""

    topic: str = Field(default="", max_length=500)
    keyword: str = Field(default="", max_length=200)
    story_id: Id
    entry_id: Id
    curation_id: Id
    digest_id: Id


class Asked(BaseModel):
    """A run was asked for; `GET /jobs/{job_id}` and `GET /tasks/status/{task_id}` say how it stands."""

    task_id: str
    job_id: str
    status: str = "pending"
    message: str


def _asked(job_id: str, message: str) -> Asked:
    return Asked(task_id=job_id, job_id=job_id, message=message)


@router.get("", summary="Every agent, by name")
def listing(person: Reader) -> Page[AgentOut]:
    """With its schedule, what it has used and its last run."""
    with db.database().read() as session:
        return whole(AgentOut.of_all(session, queries.agents(session)))


@router.post("", status_code=201, responses=problems(409), summary="Make an agent")
def create(wish: AgentIn, person: Editor) -> AgentOut:
    """It begins at once to write by its schedule, if it has one; what it writes waits on the review desk."""
    with db.database().transaction() as session:
        made = service.create(session, person, wish.wish(), wish.wanted())
        return AgentOut.of(session, made)


@router.get("/{agent_id}", responses=problems(404), summary="One agent")
def one(agent_id: Which, person: Reader) -> AgentOut:
    """By its id or its name."""
    with db.database().read() as session:
        return AgentOut.of(session, queries.agent(session, agent_id))


@router.put("/{agent_id}", responses=problems(404, 409), summary="Change an agent")
def change(agent_id: Which, wish: AgentChange, person: Editor) -> AgentOut:
    """What is left out stays: `{"schedule_cron": "0 9 * * MON"}` changes when it writes, and nothing else."""
    with db.database().transaction() as session:
        found = queries.agent(session, agent_id)
        when = wish.when(timing.when(timing.schedule(session, found)))
        service.change(session, person, found.id, wish.changes(quotas.of(found)), when)
        session.flush()
        return AgentOut.of(session, found)


@router.delete("/{agent_id}", status_code=204, responses=problems(404), summary="Remove an agent")
def remove(agent_id: Which, person: Editor) -> None:
    """Its drafts and the history of its runs stay."""
    with db.database().transaction() as session:
        service.remove(session, person, queries.agent(session, agent_id).id)


@router.post("/{agent_id}/pause", responses=problems(404), summary="Let an agent rest")
def pause(agent_id: Which, person: Editor, why: Reason = "") -> AgentOut:
    """And its schedule; a piece that it is writing goes on."""
    with db.database().transaction() as session:
        return AgentOut.of(session, service.pause(session, person, agent_id, why))


@router.post("/{agent_id}/resume", responses=problems(404), summary="Let an agent work again")
def resume(agent_id: Which, person: Editor) -> AgentOut:
    """From its next due time on."""
    with db.database().transaction() as session:
        return AgentOut.of(session, service.resume(session, person, agent_id))


@router.get("/{agent_id}/next", responses=problems(404), summary="What an agent would do next")
def plan(agent_id: Which, person: Reader) -> PlanOut:
    """With its reasons, and why not something else. Nothing is written and no model is asked."""
    with db.database().read() as session:
        return PlanOut.of(planning.plan(session, queries.agent(session, agent_id)))


@router.get("/{agent_id}/runs", responses=problems(404), summary="The runs of an agent")
def runs(agent_id: Which, person: Reader, before: Before = None, limit: Limit = 50) -> Page[RunOut]:
    """Newest first, with what each cost; of an agent that was removed by its id."""
    with db.database().read() as session:
        found = queries.known(session, agent_id)
        return page(queries.runs(session, found.id, limit + 1, before), limit, RunOut.of)


@router.post("/{agent_id}/run", status_code=202, responses=problems(402, 404, 409), summary="Let an agent write now")
def run(agent_id: Which, person: Editor) -> Asked:
    """What it would do by its schedule. 402 if its quota is spent, 409 if it is paused or at it already."""
    with db.database().transaction() as session:
        return _asked(service.run_now(session, person, agent_id), "Agent run started")


@router.post(
    "/{agent_id}/write",
    status_code=202,
    responses=problems(402, 404, 409),
    summary="Let an agent write about something",
)
def write(agent_id: Which, wish: About, person: Editor) -> Asked:
    """About a topic that its sources bear out, or about a story, a feed item, a curation or a digest."""
    with db.database().transaction() as session:
        return _asked(service.write_about(session, person, agent_id, wish.model_dump()), "Post generation started")
