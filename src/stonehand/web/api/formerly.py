"""The endpoints of older installations, with their shapes and words. Everything they do has a newer way as well."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.routing import Match
from starlette.types import Scope

from stonehand import calls, config, db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.agents import queries as agent_queries
from stonehand.agents import service as agents
from stonehand.jobs import queries, service
from stonehand.jobs.broker import answers, calling
from stonehand.jobs.desk import health, loads
from stonehand.jobs.errors import JobNotFound
from stonehand.jobs.models import Job
from stonehand.jobs.states import FINISHED, UNFINISHED, State
from stonehand.jobs.worker import presence
from stonehand.web import starting
from stonehand.web.api.contract import ANYWHERE, BEARER, Before, ById, Limit, Wish, operation_id, problems, storable
from stonehand.web.deps import Editor, Publisher, Reader
from stonehand.web.problems import wants_json

GONE, BUSY = problems(404), problems(404, 409)
COUNTED = 10_000  # jobs; beyond, nobody needs to know how many more
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="How many addresses to leave out.")]


# ── starting work ──


class Call(Wish):
    """A task by our name or an old one, and what it takes."""

    task: str = Field(max_length=100)
    args: list[Any] = Field(default_factory=list, max_length=20)
    kwargs: dict[str, Any] = Field(default_factory=dict, max_length=20)
    priority: int | None = Field(default=None, ge=0, le=9)


class GeneratePost(Wish):
    """What an agent should write about."""

    agent_id: Id
    topic: str = Field(min_length=1, max_length=500)
    keyword: str = Field(default="", max_length=200)


class PublishPost(Wish):
    """An approved draft and the channel that it should go to."""

    post_id: Id
    publisher_id: Id


class MonitorRss(Wish):
    """A source to look at, and whether the agents that name it write about what is new."""

    source_id: Id
    auto_generate: bool = False


class Started(BaseModel):
    """Work was accepted."""

    task_id: str
    status: str = "pending"
    message: str


class Submission(BaseModel):
    """A job of some type; its other fields are what that type takes."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(max_length=100)


def ask(person: Person, name: str, args: list[Any], kwargs: dict[str, Any], priority: int | None = None) -> Job:
    """Ask for a job in a person's name, and write that down."""
    wish = calling.understand(name, args, kwargs, priority)
    calling.check(wish.task, caller := calling.Caller(person.name, person.may))
    with db.database().transaction() as session:
        starting.check_things(session, wish.args)
        job = calling.ask(session, wish, caller)
        accounts.record(session, person, "asked for", "job", job.id, {"task": wish.task.name, "called": name})
    return job


def start(person: Person, name: str, message: str, **kwargs: Any) -> Started:
    """Ask for a job, and say so in the old words."""
    return Started(task_id=ask(person, name, [], kwargs).id, message=message)


tasks = APIRouter(prefix="/tasks", tags=["former_tasks"])


@tasks.post("/call", status_code=202, summary="Ask for a task by our name or an old one")
def call(wish: Call, person: Editor) -> Started:
    """`args` are in their order, `kwargs` by name. Some tasks take a higher role: `GET /tasks` says which."""
    job = ask(person, wish.task, wish.args, wish.kwargs, wish.priority)
    return Started(task_id=job.id, message=f"{job.task} was asked for")


@tasks.post("/generate-post", status_code=202, responses=problems(402, 404, 409), summary="Let an agent write a post")
def generate_post(wish: GeneratePost, person: Editor) -> Started:
    """About a topic that its sources bear out. 402 if its quota is spent, 409 if it is paused."""
    with db.database().read() as session:
        agents.check_ready(session, agent_queries.agent(session, wish.agent_id))
    return start(person, "generate_post_for_agent", "Post generation started", **wish.model_dump())


@tasks.post("/publish-post", status_code=202, summary="Publish an approved draft on a channel")
def publish_post(wish: PublishPost, person: Publisher) -> Started:
    """`post_id` is a draft, `publisher_id` a channel. What nobody has approved does not go out."""
    return start(person, "publish_post", "Post publishing started", **wish.model_dump())


@tasks.post("/monitor-rss", status_code=202, summary="Look at a source now")
def monitor_rss(wish: MonitorRss, person: Editor) -> Started:
    """What is new goes the usual way. With `auto_generate`, each agent that names the source writes about three new
    items at most, never twice about one."""
    return start(person, "monitor_rss_feed", "RSS monitoring started", **wish.model_dump())


@tasks.post("/retry-failed", status_code=202, summary="Try again every delivery that failed")
def retry_failed(person: Publisher) -> Started:
    """Each under its own key, so that no channel shows a piece twice."""
    return start(person, "retry_failed_publications", "Retry of failed publications started")


# ── how work stands ──


def _job(task_id: str) -> Job:
    with db.database().read() as session:
        return queries.job(session, task_id)


def _cancel(person: Person, task_id: str) -> Job:
    with db.database().transaction() as session:
        job = service.cancel(session, task_id)
        accounts.record(session, person, "cancelled", "job", job.id, {"task": job.task})
        return job


@tasks.get("/status/{task_id}", responses=GONE, summary="How a task stands, in Celery's words")
def status(task_id: ById, person: Reader) -> dict[str, Any]:
    """PENDING, STARTED, SUCCESS with `result`, FAILURE or REVOKED with `error`, RETRY. 404 if it is unknown."""
    found = calls.status(_job(task_id))
    return found | {"status": "STARTED"} if found["status"] == "PROGRESS" else found


@tasks.delete("/cancel/{task_id}", responses=BUSY, summary="Cancel a task")
def cancel(task_id: ById, person: Editor) -> dict[str, Any]:
    """One that waits is cancelled at once; one that runs, between two of its items."""
    job = _cancel(person, task_id)
    ended = job.state == State.CANCELLED
    message = "Task cancelled" if ended else "Task is asked to stop"
    return {"task_id": job.celery_id or job.id, "status": answers.word(job), "message": message}


@tasks.get("/active", summary="What runs and what waits")
def active(person: Reader, before: Before = None, limit: Limit = 50) -> dict[str, Any]:
    """Newest first, `limit` of both together; `next` goes into `before`."""
    return _active(before, limit)


def _active(before: str | None, limit: int) -> dict[str, Any]:
    with db.database().read() as session:
        found = calls.active(session, before or "", limit + 1)
    following = found[limit - 1].id if len(found) > limit else None
    return {**calls.told_apart(found[:limit]), "next": following, "limit": limit}


# ── health, three times ──


def _checked(response: Response) -> health.Health:
    found = health.check(db.database())
    if found.status == "unhealthy":
        response.status_code = 503
        response.headers["Retry-After"] = "5"
    return found


def _counts() -> tuple[int, int]:
    with db.database().read() as session:
        return len(presence.alive(session)), queries.count_up_to(session, UNFINISHED, COUNTED)


@tasks.get("/health", summary="Whether work gets done")
def tasks_health(response: Response, person: Reader) -> dict[str, Any]:
    """Database, broker, workers, disk, memory; 503 if no job can run."""
    found = _checked(response)
    workers, waiting = _counts() if found.ok("database") else (0, 0)
    checks = {part.name: part.words for part in found.parts}
    return {"status": found.status, "workers": workers, "active_tasks": waiting, "checks": checks}


other = APIRouter(
    tags=["formerly"],
    responses=ANYWHERE,
    dependencies=[Depends(storable), BEARER],
    generate_unique_id_function=operation_id,
)


@other.get("/api/celery/health", summary="Whether work gets done, as a library asked")
def celery_health(response: Response, person: Reader) -> dict[str, Any]:
    """`workers` and `queues`, or `error` and 503 (it was 500 formerly)."""
    found = _checked(response)
    if found.status == "unhealthy":
        return {"status": "unhealthy", "error": found.trouble}
    with db.database().read() as session:
        queues = {load.name: {"waiting": load.waiting, "running": load.executing} for load in loads.loads(session)}
    return {"status": "healthy", "workers": _counts()[0], "queues": queues}


@other.get("/health/jobs", summary="Whether work gets done, as a curator asked")
def jobs_health(response: Response, person: Reader) -> dict[str, Any]:
    """`redis_connected` says whether the broker answers, whichever it is."""
    found = _checked(response)
    workers, waiting = _counts() if found.ok("database") else (0, 0)
    status = "unhealthy" if found.status == "unhealthy" else "healthy"
    facts = {"redis_connected": found.ok("broker"), "celery_workers": workers, "active_jobs": waiting}
    return {"status": status, **facts, **({"error": found.trouble} if status == "unhealthy" else {})}


# ── jobs, as a curator had them ──


class JsonRoute(APIRoute):
    """A route for programs at an address that is a page for people."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and not wants_json(Headers(scope=scope)):
            return Match.NONE, {}
        return super().matches(scope)


programs = APIRouter(
    tags=["formerly"],
    responses=ANYWHERE,
    dependencies=[Depends(storable), BEARER],
    generate_unique_id_function=operation_id,
    route_class=JsonRoute,
)


@other.post("/jobs", status_code=202, summary="Ask for a job of some type")
def submit(wish: Submission, person: Editor) -> dict[str, Any]:
    """`type` is a task, by our name or an old one; the other fields are what it takes."""
    given = wish.model_extra or {}
    job = ask(person, wish.type, [], given)
    urls, topic = str(job.args.get("urls", "")).split(), job.args.get("topic") or None
    return {"job_id": job.id, "status": "submitted", "type": wish.type, "topic": topic, "urls_count": len(urls)}


@programs.get("/jobs", summary="What runs and what waits")
def listing(person: Reader, before: Before = None, limit: Limit = 50) -> dict[str, Any]:
    """For programs: with `Accept: application/json`. People get a page."""
    with db.database().read() as session:
        found = calls.active(session, before or "", limit + 1)
    following = found[limit - 1].id if len(found) > limit else None
    return {"jobs": [_stands(job, 0, 0) for job in found[:limit]], "next": following, "limit": limit}


@programs.get("/jobs/{job_id}", responses=GONE, summary="How a job stands")
def one(job_id: ById, person: Reader, offset: Offset = 0, limit: Limit = 50) -> dict[str, Any]:
    """For programs: with `Accept: application/json`. People get a page."""
    return _stands(_job(job_id), offset, limit)


@other.get("/jobs/{job_id}/status", responses=GONE, summary="How a job stands")
def job_status(job_id: ById, person: Reader, offset: Offset = 0, limit: Limit = 50) -> dict[str, Any]:
    """Of the addresses, `limit` from `offset` on; the counts are of all. 404 if it is unknown or has expired."""
    return _stands(_job(job_id), offset, limit)


def _stands(job: Job, offset: int, limit: int) -> dict[str, Any]:
    result = job.result or {}
    processed, failed = result.get("processed_urls") or [], result.get("failed_urls") or []
    errors, shown = result.get("errors") or {}, failed[offset : offset + limit]
    goes_on = job.progress_current is not None and job.state in (State.SCHEDULED, State.AVAILABLE)
    return {
        "job_id": job.celery_id or job.id,
        "type": job.called_as or job.task,
        "state": "PROGRESS" if goes_on else answers.word(job),  # it waits between two rounds of its work
        "status": job.message or job.error or job.state,
        "current": job.progress_current or 0,
        "total": job.progress_total or 0,
        "processed_count": len(processed),
        "failed_count": len(failed),
        "processed_urls": processed[offset : offset + limit],
        "failed_urls": shown,
        "errors": {url: errors[url] for url in shown if url in errors},
        "offset": offset,
        "limit": limit,
    }


@other.get("/jobs/{job_id}/result", responses=GONE, summary="What a job came to")
def result(job_id: ById, person: Reader) -> dict[str, Any]:
    """404 until it has ended, and when its result has expired."""
    job = _job(job_id)
    if State(job.state) not in FINISHED:
        raise JobNotFound(f"job {job_id} has no result yet: it is {job.state}")
    if job.state != State.COMPLETED:
        return {"job_id": job_id, "state": answers.word(job), "error": answers.value(job)}
    if job.result is None and job.finished_at and _age(job.finished_at) > config.settings().result_expires:
        raise JobNotFound(f"the result of job {job_id} has expired; its record says that it is done")
    return {"job_id": job_id, "state": "SUCCESS", "result": answers.returned(job)}


def _age(moment: datetime) -> float:
    return (db.utc_now() - moment).total_seconds()


@other.delete("/jobs/{job_id}", responses=BUSY, summary="Cancel a job")
def cancel_job(job_id: ById, person: Editor) -> dict[str, Any]:
    """One that waits is cancelled at once; one that runs, between two of its items."""
    job = _cancel(person, job_id)
    ended = job.state == State.CANCELLED
    return {"job_id": job_id, "status": "cancelled" if ended else "cancelling", "state": answers.word(job)}


@other.post("/admin/collect", status_code=202, summary="Look at every source now")
def collect(person: Editor) -> dict[str, Any]:
    """As one job, which says what all of them have brought."""
    return {"task_id": ask(person, "collect_all_plugins_task", [], {}).id}
