"""From the room of jobs to what its pages show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import explanation, loads, presence, queries
from stonehand.jobs.models import Attempt, Job, Worker
from stonehand.jobs.service import REPLAYABLE
from stonehand.jobs.states import DEAD, UNFINISHED, State
from stonehand.web.pages.jobs import AttemptRow, ItemRow, JobRow, JobsView, JobView, QueueRow, WorkerRow
from stonehand.web.pages.parts import Badge, Link, Meter, Pager, Tab
from stonehand.web.pages.subjects import subjects
from stonehand.web.words import clock

LIMIT = 50
MOST = 1000  # a count beyond it is not counted on
STATES = {
    State.SCHEDULED: Badge("Waits for its time"),
    State.AVAILABLE: Badge("Ready"),
    State.EXECUTING: Badge("Running", "busy"),
    State.RETRYABLE: Badge("Retrying", "warn"),
    State.COMPLETED: Badge("Done", "good"),
    State.CANCELLED: Badge("Cancelled"),
    State.DISCARDED: Badge("Dead letter", "bad"),
    State.NEEDS_RECONCILE: Badge("Needs a look", "bad"),
    State.PAUSED: Badge("Paused"),
    State.BLOCKED: Badge("Waits for another job"),
}
SHOWN: dict[str, tuple[str, Sequence[State]]] = {
    "unfinished": ("Unfinished", UNFINISHED),
    "dead": ("Dead letters", DEAD),
    "completed": ("Done", (State.COMPLETED,)),
    "cancelled": ("Cancelled", (State.CANCELLED,)),
    "all": ("All", ()),
}
COUNTED = ("unfinished", "dead")


@dataclass(frozen=True)
class Filter:
    """Which jobs to list: a key of `SHOWN`, a task, a queue, and those older than the job `before`."""

    show: str = "unfinished"
    task: str = ""
    queue: str = ""
    before: str = ""

    def href(self, **changes: str) -> str:
        """The address of the list, changed; a change starts anew from the newest."""
        wanted = {"show": self.show, "task": self.task, "queue": self.queue, **changes}
        query = urlencode({word: value for word, value in wanted.items() if value and value != "unfinished"})
        return f"/jobs?{query}" if query else "/jobs"


def index(session: Session, person: Person, wish: Filter) -> JobsView:
    """The queues, the workers, and one part of the list of jobs."""
    states = SHOWN[wish.show][1]
    found = queries.listing(session, states, wish.task, wish.queue, wish.before, LIMIT + 1)
    workers = presence.alive(session)
    names = subjects(session, found)
    more = wish.href(before=found[LIMIT - 1].id) if len(found) > LIMIT else ""
    return JobsView(
        queues=_queues(session),
        jobs=tuple(_row(job, names.get(job.id)) for job in found[:LIMIT]),
        tabs=_tabs(session, wish),
        dead=queries.count_up_to(session, (State.DISCARDED,), MOST),
        pager=Pager(wish.href() if wish.before else "", more),
        can_edit=person.may("edit"),
        can_admin=person.may("admin"),
        workers=tuple(map(_worker, workers)),
        queue=wish.queue,
        task=wish.task,
        state=wish.show,
        tasks=tuple(sorted({task for worker in workers for task in worker.tasks})),
    )


def _tabs(session: Session, wish: Filter) -> tuple[Tab, ...]:
    return tuple(
        Tab(
            words,
            wish.href(show=key),
            queries.count_up_to(session, states, MOST) if key in COUNTED else None,
            key == wish.show,
        )
        for key, (words, states) in SHOWN.items()
    )


def _queues(session: Session) -> tuple[QueueRow, ...]:
    dead, lately = queries.dead_by_queue(session), queries.done_lately(session)
    return tuple(
        QueueRow(
            load.name,
            load.waiting,
            load.executing,
            dead.get(load.name, 0),
            tuple(lately.get(load.name, ())),
            load.workers,
            _note(load),
            load.paused_by is not None,
        )
        for load in loads.loads(session)
    )


def _note(load: loads.Load) -> str:
    if load.paused_by:
        return f"paused by {load.paused_by}"
    return "no worker listens" if load.waiting and not load.workers else ""


def worker_name(name: str | None) -> str:
    """The machine and the process, without what tells them from those of the same name."""
    return ":".join((name or "").split(":")[:2])


def _worker(worker: Worker) -> WorkerRow:
    queues = ", ".join(worker.queues)
    return WorkerRow(worker_name(worker.name), queues, worker.concurrency, worker.started_at, worker.seen_at)


def _row(job: Job, about: Link | None) -> JobRow:
    state = State(job.state)
    why = job.error if state in (*DEAD, State.RETRYABLE) else job.message if state == State.SCHEDULED else ""
    return JobRow(
        job.id,
        job.task,
        about.words if about else "",
        job.queue,
        STATES[state],
        _since(job),
        _tries(job),
        _meter(job),
        (why or "").splitlines()[0][:300] if why else "",
    )


def _since(job: Job) -> datetime:
    if job.finished_at:
        return job.finished_at
    return (job.started_at if job.state == State.EXECUTING else None) or job.created_at


def _tries(job: Job) -> int:
    return job.attempts + (job.state in (State.EXECUTING, State.COMPLETED))


def _meter(job: Job) -> Meter | None:
    if job.progress_current is None or job.state not in UNFINISHED:
        return None
    return Meter(job.progress_current, job.progress_total or 0, job.message or "")


def one(session: Session, person: Person, job_id: str) -> JobView:
    """One job with its tries. Raises `JobNotFound`."""
    job = queries.job(session, job_id)
    state = State(job.state)
    said = explanation.why_not_running(session, job)
    is_running = state == State.EXECUTING
    items = queries.together(session, job.claim_id) if is_running and job.claim_id and job.claim_size > 1 else ()
    names = subjects(session, [job, *items])
    may = person.may("edit")
    return JobView(
        id=job.id,
        task=job.task,
        about=names.get(job.id),
        queue=job.queue,
        badge=_badge(job),
        asked_at=job.created_at,
        attempts=_attempts(job, queries.attempts(session, job_id)),
        facts=_facts(job),
        alive=state in UNFINISHED,
        why="" if is_running or state in (State.COMPLETED, State.CANCELLED, *DEAD) else said,
        error=said if state in DEAD else "",
        meter=_meter(job),
        items=tuple(_item(each, names.get(each.id)) for each in items if each.id != job_id),
        can_cancel=may and state in UNFINISHED and job.cancel_requested_at is None,
        can_retry=may and state in REPLAYABLE,
        asked_by=Link("another job", f"/jobs/{job.parent_id}") if job.parent_id else None,
    )


def _badge(job: Job) -> Badge:
    if job.cancel_requested_at and job.state == State.EXECUTING:
        return Badge("Stops after this item", "warn")
    return STATES[State(job.state)]


def _attempts(job: Job, failed: Sequence[Attempt]) -> tuple[AttemptRow, ...]:
    rows = [
        AttemptRow(
            number,
            each.started_at,
            each.ended_at,
            worker_name(each.worker),
            Badge("Failed", "bad"),
            each.error or "",
            each.detail or "",
        )
        for number, each in enumerate(failed, 1)
    ]
    if job.state in (State.EXECUTING, State.COMPLETED):
        badge = STATES[State(job.state)]
        rows.append(AttemptRow(len(rows) + 1, job.started_at, job.finished_at, worker_name(job.worker), badge))
    return tuple(rows)


def _item(job: Job, about: Link | None) -> ItemRow:
    return ItemRow(Link(about.words if about else job.id, f"/jobs/{job.id}"), _badge(job))


def _facts(job: Job) -> tuple[tuple[str, str], ...]:
    facts: list[tuple[str, Any]] = [
        ("Priority", f"{job.priority} of 9"),
        ("Tries", f"{_tries(job)} of {job.max_retries + 1}"),
        ("Crashes", job.crash_count or ""),
        ("Runs at", clock(job.run_at) if job.state in UNFINISHED else ""),
        ("Ended", clock(job.finished_at) if job.finished_at else ""),
        ("Unique key", job.unique_key or ""),
        *((word.replace("_", " ").capitalize(), value) for word, value in (job.result or {}).items()),
    ]
    return tuple((name, str(value)) for name, value in facts if value not in ("", None))
