"""From the room of jobs to the page of queues and workers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from stonehand import __version__
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import queries
from stonehand.jobs.desk import loads, samples
from stonehand.jobs.desk.samples import Course
from stonehand.jobs.models import Job, Worker
from stonehand.jobs.worker import presence
from stonehand.web.pages.job_rows import worker_name
from stonehand.web.pages.parts import Link
from stonehand.web.pages.queues import Doing, ProcessRow, QueueRow, QueuesView, WorkerRow

NOTHING = Course((), (), ())
Held = dict[str, list[Doing]]


def queues(session: Session) -> tuple[QueueRow, ...]:
    """Every queue, now and lately."""
    dead, courses, rates = queries.dead_by_queue(session), samples.courses(session), samples.rates(session)
    return tuple(
        _queue(load, dead.get(load.name, 0), rates.get(load.name, 0.0), courses.get(load.name, NOTHING))
        for load in loads.loads(session)
    )


def _queue(load: loads.Load, dead: int, rate: float, course: Course) -> QueueRow:
    return QueueRow(
        name=load.name,
        ready=load.ready,
        waiting=load.waiting,
        running=load.executing,
        dead=dead,
        workers=load.workers,
        oldest_at=load.oldest_ready_at,
        rate=rate,
        rates=course.rate,
        waitings=course.waiting,
        ages=course.age,
        note=_note(load),
        paused=load.paused_by is not None,
    )


def _note(load: loads.Load) -> str:
    if load.paused_by:
        return f"paused by {load.paused_by}"
    return "no worker listens" if load.waiting and not load.workers else ""


def page(session: Session, person: Person) -> QueuesView:
    """Every queue and every worker, and what each process runs."""
    held = _held(queries.running(session))
    workers = tuple(_worker(each, held) for each in presence.alive(session))
    strays = tuple(doing for found in held.values() for doing in found)
    return QueuesView(queues(session), workers, person.may("admin"), strays)


def _held(jobs: Sequence[Job]) -> Held:
    """What each process holds, by the machine and number of the process."""
    found: Held = {}
    for claim, group in groupby(sorted(jobs, key=_claim), key=_claim):
        mine = list(group)
        doing = Doing(Link(mine[0].task, f"/jobs/{mine[0].id}"), mine[0].started_at, len(mine) - 1)
        found.setdefault(claim[0], []).append(doing)
    return found


def _claim(job: Job) -> tuple[str, str]:
    return worker_name(job.worker), job.claim_id or job.id


def _worker(worker: Worker, held: Held) -> WorkerRow:
    machine, pid = worker.name.split(":")[:2]
    processes = worker.processes or [{"pid": int(pid), "memory": 0}]
    rows = tuple(_process(machine, each, each["pid"] == int(pid), held) for each in processes)
    return WorkerRow(
        machine=machine,
        pid=pid,
        queues=", ".join(worker.queues),
        concurrency=worker.concurrency,
        started_at=worker.started_at,
        seen_at=worker.seen_at,
        version=worker.version,
        is_other_version=bool(worker.version) and worker.version != __version__,
        memory=size(sum(each["memory"] for each in processes)),
        processes=rows,
    )


def _process(machine: str, process: dict[str, int], is_main: bool, held: Held) -> ProcessRow:
    doing = tuple(held.pop(f"{machine}:{process['pid']}", ()))
    return ProcessRow(process["pid"], size(process["memory"]), is_main, doing)


def size(count: int) -> str:
    """Bytes in words; nothing if nobody has measured."""
    return f"{count / 2**20:,.0f} MB".replace(",", "\u2009") if count else ""
