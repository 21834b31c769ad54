"""Who is working: workers say that they are alive, and the dead are told from the slow."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from stonehand import __version__, vault
from stonehand.db import Session, insert, now
from stonehand.jobs.models import Job, Worker
from stonehand.jobs.states import State
from stonehand.jobs.worker import starvation
from stonehand.vault import VaultKeyUnusable

EVERY = 15.0  # seconds between two signs of life
SILENT = timedelta(seconds=45)
OF = " of "  # between the name of a process and that of the worker whose pool it belongs to
FORGOTTEN = timedelta(days=1)  # long, since a worker that only slept must find itself when it wakes


@dataclass(frozen=True)
class Process:
    """A process of some machine. The moment it started tells it from a later one with the same number."""

    machine: str
    pid: int
    started: int

    def __str__(self) -> str:
        return f"{self.machine}:{self.pid}:{self.started}"


@cache
def machine() -> str:
    """The name of this machine since it was started, and of its process numbers: a container has its own."""
    namespace = Path("/proc/self/ns/pid")
    inode = namespace.stat().st_ino if namespace.exists() else 0
    return f"{socket.gethostname()[:50].replace(':', '-')}-{_boot()}-{inode}"


def _boot() -> str:
    """What tells two machines of one name apart."""
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text()[:8] if path.exists() else ""


def this_process() -> Process:
    """The process that calls."""
    pid = os.getpid()
    return Process(machine(), pid, _started(psutil.Process(pid)))


def _started(process: psutil.Process) -> int:
    """When it started. On Linux by a clock that nobody sets: psutil's own answer moves with the host's clock."""
    if sys.platform != "linux":
        return int(process.create_time())
    try:
        # Field 22 of proc(5): ticks since the machine was started. The name in field 2 may hold anything.
        return int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19])
    except (FileNotFoundError, ProcessLookupError):
        raise psutil.NoSuchProcess(process.pid) from None


def member_of(worker: str) -> str:
    """The name of this process as a member of a worker's pool."""
    return f"{this_process()}{OF}{worker}"


def _parse(name: str) -> Process:
    machine_name, pid, started = name.rsplit(":", 2)
    return Process(machine_name, int(pid), int(started))


def is_surely_dead(name: str | None) -> bool:
    """Whether this process was on this machine and is gone. One elsewhere is judged by its lease alone."""
    if not name:
        return False
    process = _parse(name.partition(OF)[0])
    if process.machine != machine():
        return False
    try:
        found = psutil.Process(process.pid)
        return found.status() == psutil.STATUS_ZOMBIE or _started(found) != process.started
    except psutil.NoSuchProcess:
        return True


def died_with_its_worker(name: str | None) -> bool:
    """Whether the whole worker is gone, not one process of its pool: then no job it held is to blame."""
    return is_surely_dead((name or "").partition(OF)[2])


def introduce(session: Session, name: str, queues: Sequence[str], tasks: Sequence[str], concurrency: int) -> None:
    """Say what this worker serves and knows."""
    moment = now(session)
    row = {"queues": list(queues), "tasks": list(tasks), "concurrency": concurrency, "seen_at": moment}
    row["version"] = __version__
    statement = insert(session, Worker).values(name=name, started_at=moment, **row)
    session.execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


def sign_of_life(session: Session, name: str) -> None:
    """Say that this worker is alive, and forget those that have long been silent."""
    moment = now(session)
    mine = sa.update(Worker).where(Worker.name == name)
    session.execute(mine.values(seen_at=moment, processes=processes(name)))
    session.execute(sa.delete(Worker).where(Worker.seen_at < moment - FORGOTTEN))


def processes(name: str) -> list[dict[str, Any]]:
    """The processes of a worker on this machine, the main one first: `pid`, `started`, and `memory` in bytes.

    The main one also has `starved`: how many processes beside it the system has ended for lack of memory; and `keys`:
    the fingerprints of the vault's keys that it has, the newest first.
    """
    try:
        main = psutil.Process(_parse(name).pid)
        found = [row for each in (main, *main.children()) if (row := _measured(each))]
    except psutil.NoSuchProcess:
        return []
    told = {"starved": starvation.killed(), "keys": _keys()}
    return [row | ({} if number else told) for number, row in enumerate(found)]


def _keys() -> list[str]:
    try:
        return vault.fingerprints()
    except VaultKeyUnusable:
        return []


def _measured(process: psutil.Process) -> dict[str, Any]:
    try:
        return {"pid": process.pid, "started": _started(process), "memory": process.memory_info().rss}
    except psutil.Error:
        return {}


def leave(session: Session, name: str) -> None:
    """Say good-bye."""
    session.execute(sa.delete(Worker).where(Worker.name == name))


def are_busy(session: Session, serving: Sequence[Worker]) -> bool:
    """Whether each process of these workers has a job in its hands, so that none can hear a bell now."""
    held = session.scalars(sa.select(Job.worker).where(Job.state == State.EXECUTING).distinct())
    names = {worker.name for worker in serving}
    at_work = [name for name in held if name and name.partition(OF)[2] in names]
    return len(at_work) >= sum(worker.concurrency for worker in serving)


def alive(session: Session) -> list[Worker]:
    """The workers that can be counted on now."""
    since: datetime = now(session) - SILENT
    found = session.scalars(sa.select(Worker).where(Worker.seen_at >= since).order_by(Worker.name))
    return [worker for worker in found if not is_surely_dead(worker.name)]
