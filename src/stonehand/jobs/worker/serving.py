"""Being a worker: a Celery worker whose pool answers doorbells by running jobs, and which says that it is alive."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import billiard.pool
import psutil
from celery import Celery, signals

from stonehand import config, db, formerly, log
from stonehand.errors import StonehandError
from stonehand.jobs import declaration
from stonehand.jobs.broker import engine
from stonehand.jobs.limits import limiting
from stonehand.jobs.service import check_queue
from stonehand.jobs.worker import presence, starvation, waiting
from stonehand.jobs.worker.lifeline import Lifeline
from stonehand.jobs.worker.runner import Runner
from stonehand.jobs.worker.watchdog import Watchdog, end_with_pool

REST = 8  # seconds without a doorbell after which the pool shrinks to one process
PARTING = 10  # tenths of a second that a process which ends waits to be heard
LINGERING = 5.0  # seconds that a worker may take to end once its pool has
HEARTBEAT = 30  # seconds between two of Celery's own signs of life, for Flower and `celery events`
YOUNG = 50_000  # new objects after which Python looks for cycles among them; its own 700 are meant for small programs
TURN = 0.001  # seconds that a thread computes on while others wait; Python's own 0.005 delay each answer that comes
FORKING = "prefork"
POOLS = (FORKING, "solo", "thread")
INSTEAD = (
    "use prefork, the only one that can end a job which does not listen; solo and threads run jobs in the worker itself"
)


_runner: Runner | None = None
_at_birth = 0
"""KiB of this process of the pool, once it has loaded what it works with."""
_make_runner: Callable[[], Runner] | None = None
"""In a pool of threads, each has a runner of its own."""
_seat = threading.local()


def _mine() -> Runner | None:
    if _make_runner is None:
        return _runner
    if not hasattr(_seat, "runner"):
        _seat.runner = _make_runner()
    runner: Runner = _seat.runner
    return runner


def _weight() -> int:
    """KiB that this process has put on, if it has had little to do for a while: the pool replaces one that is heavy.

    Libraries that were loaded and memory that work has torn to pieces come back in no other way. While there is work,
    the models are worth their weight, unless it is more than the settings allow. What a process weighs at birth says
    nothing: its heir would weigh as much.
    """
    if _runner is None:
        return 1  # billiard would complain of none at all
    if not _runner.is_at_leisure() and _own() < config.settings().worker_max_memory_mb * 1024:
        return 1
    return max(_rss() - _at_birth, 1)


def _adapt_pool() -> None:
    """Change what the pool's own code does in this process."""
    billiard.pool.mem_rss = _weight
    # Before it ends, a process waits until what it said was heard: for half a minute, when the worker has stopped
    # listening just as a bell was handed over. Of bells nobody needs to hear; jobs are settled in the database.
    billiard.pool.GUARANTEE_MESSAGE_CONSUMPTION_RETRY_LIMIT = PARTING


def _settle_memory() -> None:
    """What has been loaded stays for good: the collector of cycles shall not look through it again and again.

    Nor shall it come for every few hundred objects, where a page is read into tens of thousands.
    """
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def _rss() -> int:
    return int(psutil.Process().memory_info().rss // 1024)


def _own() -> int:
    """KiB that no other process shares: pages of files that are mapped, such as vectors, would come again at once."""
    found = psutil.Process().memory_info()
    return int((found.rss - getattr(found, "shared", 0)) // 1024)


def _answer(queue: str) -> None:
    runner = _mine()
    if runner is None:
        return
    try:
        runner.drain(queue)
    except StonehandError as error:  # the bell is rung again as long as there is work
        log.logger(__name__).warning("cannot look for work", queue=queue, error=str(error))


@dataclass(frozen=True)
class _Service:
    """What this worker serves, known before its pool forks."""

    name: str
    queues: Sequence[str]
    concurrency: int
    load_tasks: Callable[[], None]
    at_rest: Callable[[], None]
    lifeline: Lifeline

    def prepare_child(self, **_: Any) -> None:
        """After the fork: connections, tasks and models belong to this process alone."""
        global _runner, _at_birth  # noqa: PLW0603  one runner a process
        self.lifeline.hold()
        _adapt_pool()
        db.database.cache_clear()
        self.load_tasks()
        _runner = self._runner(presence.member_of(self.name))
        self._introduce()
        _runner.rehearse()
        _settle_memory()
        sys.setswitchinterval(TURN)
        _at_birth = _rss()

    def prepare_here(self) -> None:
        """Without a fork: this process runs the jobs itself, in each of its threads that answers a bell."""
        global _make_runner  # noqa: PLW0603
        self.load_tasks()
        _make_runner = partial(self._runner, self.name)
        self._introduce()

    def _runner(self, name: str) -> Runner:
        lease = timedelta(seconds=config.settings().lease_seconds)
        return Runner(db.database(), name, lease, self.lifeline.is_stopping, self.at_rest, self.queues, waiting.MOST)

    def _introduce(self) -> None:
        engine.connect()
        try:
            with db.database().transaction() as session:
                presence.introduce(session, self.name, self.queues, declaration.known(), self.concurrency)
                limiting.declare_queues(session, self.queues, _queue_limits())
                limiting.declare(session, map(declaration.find, declaration.known()))
        except StonehandError as error:  # the database is away for a while; this process is needed when it is back
            log.logger(__name__).warning("cannot say what this worker serves", error=str(error))


def _queue_limits() -> dict[str, int]:
    return {check_queue(name): count for name, count in config.settings().queue_concurrency.items()}


_still = threading.Lock()
"""Held while the pulse beats. A process of the pool that is born in that moment would inherit locks that nobody in it
ever lets go: of a module that is being loaded, of a pool of connections, of a log. So a fork waits for the beat.
"""
os.register_at_fork(before=_still.acquire, after_in_parent=_still.release, after_in_child=_still.release)


def end_when_alone() -> None:
    """End a worker that is told to stop, a moment after its pool has ended, if it does not do so by itself.

    A signal to the whole group, such as `kill %1` of a shell, ends the pool's processes too, and with them bells that
    Celery then waits for, perhaps without end. The jobs they held are taken back by the sweeper.
    """
    while _has_pool():
        time.sleep(1)
    time.sleep(LINGERING)
    os._exit(0)


def _has_pool() -> bool:
    try:
        return any(each.status() != psutil.STATUS_ZOMBIE for each in psutil.Process().children())
    except psutil.NoSuchProcess:
        return True  # one went while we looked


class _Pulse:
    """Says that the worker is alive, from a thread of its main process."""

    def __init__(self, name: str, lifeline: Lifeline, watchdog: Watchdog | None) -> None:
        self._name, self._lifeline, self._stop = name, lifeline, threading.Event()
        self._watchdog = watchdog

    def start(self, **_: Any) -> None:
        starvation.at_start()
        database = db.Database(config.settings().database)
        threading.Thread(target=self._run, args=(database,), name="pulse", daemon=True).start()

    def stop(self, **_: Any) -> None:
        self._lifeline.stop()
        self._stop.set()
        if self._watchdog is not None:
            threading.Thread(target=end_when_alone, name="end", daemon=True).start()

    def _run(self, database: db.Database) -> None:
        while not self._stop.wait(presence.EVERY):
            self._beat(database)
        with _still, suppress(StonehandError), database.transaction() as session:
            presence.leave(session, self._name)

    def _beat(self, database: db.Database) -> None:
        with _still:
            is_stuck = self._says_so(database)
        if is_stuck:
            end_with_pool()

    def _says_so(self, database: db.Database) -> bool:
        try:
            with database.transaction() as session:
                presence.sign_of_life(session, self._name)
                return self._watchdog is not None and self._watchdog.finds_it_stuck(session)
        except StonehandError as error:
            log.logger(__name__).warning("cannot say that the worker is alive", error=str(error))
            return False
        finally:
            database.close()  # nothing of it may be open when the pool forks


def serve(
    load_tasks: Callable[[], None],
    at_rest: Callable[[], None] = lambda: None,
    hears: Callable[[Celery], None] = lambda _: None,
) -> Celery:
    """The application, whose workers are prepared to run jobs, whoever starts them: `work`, or Celery's own command.

    The pool's processes call `load_tasks` when they start and `at_rest` when they have had nothing to do for a while.
    `hears` is given the application, to add what else it listens to.
    """
    celery = engine.app()
    celery.task(name=engine.RING, ignore_result=True)(_answer)
    hears(celery)

    def prepare(instance: Any, **_: Any) -> None:
        try:
            _prepare(instance, load_tasks, at_rest)
        except StonehandError as error:  # any other kind of error would be logged by Celery, and the worker go on
            raise SystemExit(f"stonehand: {error}") from error

    signals.celeryd_after_setup.connect(prepare, weak=False)
    return celery


def when_ready(deed: Callable[[], None]) -> None:
    """Do this once a worker of this process listens for doorbells."""
    signals.worker_ready.connect(lambda **_: deed(), weak=False)


def log_by(configure: Callable[..., None]) -> None:
    """Let our logs be set up by this where Celery would set up its own."""
    signals.setup_logging.connect(configure, weak=False)


def _prepare(worker: Any, load_tasks: Callable[[], None], at_rest: Callable[[], None]) -> None:
    name, lifeline = str(presence.this_process()), Lifeline()
    pool = worker.pool_cls.__module__.rpartition(".")[2]
    if pool not in POOLS:
        raise config.SettingUnusable(f"the pool {pool} cannot run jobs; {INSTEAD}")
    queues = list(dict.fromkeys(check_queue(each) for each in worker.app.amqp.queues.consume_from))
    # Celery clients of older installations send to queues of theirs.
    worker.app.amqp.queues.select([*queues, *(old for queue in queues for old in formerly.former_names(queue))])
    most = max(worker.concurrency, worker.max_concurrency or 0)
    service = _Service(name, queues, most, load_tasks, at_rest, lifeline)
    # Without a fork, no process can be ended in the middle of its hold on what the others wait for.
    pulse = _Pulse(name, lifeline, Watchdog(name, queues) if pool == FORKING else None)
    if pool == FORKING:
        signals.worker_process_init.connect(service.prepare_child, weak=False)
    else:
        service.prepare_here()
    signals.worker_ready.connect(pulse.start, weak=False)
    signals.worker_shutting_down.connect(pulse.stop, weak=False)


def work(
    queues: Sequence[str],
    concurrency: int,
    load_tasks: Callable[[], None],
    at_rest: Callable[[], None] = lambda: None,
    least: int = 1,
    pool: str = FORKING,
) -> None:
    """Be a worker until told to stop. When there is nothing to do, all but `least` of its processes go."""
    engine.check_broker()
    _queue_limits()  # what is wrong with them is said before anything starts
    serve(load_tasks, at_rest)
    shrinks = pool == FORKING and concurrency > least and engine.can_shrink()
    worker = engine.app().Worker(
        queues=list(queues),
        concurrency=concurrency,
        autoscale=(concurrency, least) if shrinks else None,
        pool=pool,
        hostname=f"stonehand-{presence.this_process().pid}@{presence.machine()}",
        loglevel=config.settings().log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=not engine.app().conf.worker_enable_remote_control,  # else Flower would see nobody
        heartbeat_interval=HEARTBEAT,
        quiet=True,
    )
    if worker.autoscaler is not None:
        worker.autoscaler.keepalive = REST  # Celery's own patience is longer than our schedules' steps
    worker.start()
