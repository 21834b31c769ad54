"""The Celery application: workers, queues and the broker. It carries doorbells and nothing else."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial
from typing import Any

import billiard.pool
import psutil
from celery import Celery, signals
from celery.exceptions import TaskRevokedError
from celery.platforms import SecurityWarning

from stonehand import config, db, formerly, log
from stonehand.errors import StonehandError
from stonehand.jobs import declaration
from stonehand.jobs.broker import answers, doorbells, spool
from stonehand.jobs.errors import BrokerUnreachable, JobFailed
from stonehand.jobs.limits import limiting
from stonehand.jobs.service import check_queue
from stonehand.jobs.worker import presence
from stonehand.jobs.worker.eager import Eager
from stonehand.jobs.worker.lifeline import Lifeline
from stonehand.jobs.worker.runner import Runner
from stonehand.jobs.worker.watchdog import Watchdog, end_with_pool

RING = "stonehand.ring"
RING_EXPIRES = 6 * 3600  # seconds; each worker judges it by its own clock, which may be an hour off
HEAVY = 130 * 1024  # KiB; a process of the pool that has read and embedded nothing yet has about 105 MiB
REST = 8  # seconds without a doorbell after which the pool shrinks to one process
SHUTDOWN_GRACE = 15  # seconds for running jobs after SIGTERM
FORKING = "prefork"
POOLS = (FORKING, "solo", "thread")
INSTEAD = (
    "use prefork, the only one that can end a job which does not listen; solo and threads run jobs in the worker itself"
)


@cache
def app() -> Celery:
    """The Celery application of this process."""
    settings = config.settings()
    warnings.filterwarnings("ignore", category=SecurityWarning)  # of running as root, as containers do
    spool.install()
    if settings.broker.startswith(("redis", "sentinel")):
        from stonehand.jobs.broker import losing_redis  # noqa: PLC0415  its library is loaded only where it is used

        losing_redis.install()
    celery = Celery("stonehand", set_as_current=False)
    # Celery reads the environment too, and before what it is given. These two ways go before the environment.
    celery.conf.update(broker_read_url=settings.broker, broker_write_url=settings.broker)
    celery.backend_cls = settings.result_backend.get_secret_value() or "disabled://"
    celery.conf.update(
        broker_transport_options=_transport_options(settings),
        broker_connection_retry_on_startup=True,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_default_queue="default",
        task_queues={name: {"exchange": name, "routing_key": name} for name in declaration.QUEUES},
        task_create_missing_queues=True,
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_concurrency=settings.concurrency,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_max_tasks_per_child=settings.worker_max_tasks_per_child,
        worker_soft_shutdown_timeout=SHUTDOWN_GRACE,
        worker_max_memory_per_child=HEAVY,
        worker_enable_remote_control=not settings.broker.startswith("filesystem"),
        enable_utc=True,
        timezone="UTC",
        **_backend_options(settings),
    )
    celery.task(name=RING, ignore_result=True)(_answer)
    return celery


def _transport_options(settings: config.Settings) -> dict[str, Any]:
    if settings.broker.startswith("filesystem"):
        spool = settings.data_dir / "spool"
        for folder in ("bells", "control"):
            (spool / folder).mkdir(parents=True, exist_ok=True)
        return {
            "data_folder_in": str(spool / "bells"),
            "data_folder_out": str(spool / "bells"),
            "control_folder": str(spool / "control"),
            "polling_interval": 0.05,
        }
    # An enqueue must never hang on a broker that is down: the sweeper rings again anyway.
    patience = {"socket_connect_timeout": 1, "socket_timeout": 5, "max_retries": 0}
    return patience | (_sentinel_options(settings) if settings.broker.startswith("sentinel") else {})


def _sentinel_options(settings: config.Settings) -> dict[str, Any]:
    from redis.backoff import NoBackoff  # noqa: PLC0415  only where there are sentinels
    from redis.retry import Retry  # noqa: PLC0415

    password = settings.sentinel_password.get_secret_value()
    at_once = {"socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 0)}  # one that is down is for the next to mend
    return {
        "master_name": settings.broker_master_name,
        "sentinel_kwargs": at_once | ({"password": password} if password else {}),
    }


def _backend_options(settings: config.Settings) -> dict[str, Any]:
    """An answer must never hang on a result backend that is down: it is owed, and given later."""
    is_sentinel = settings.result_backend.get_secret_value().startswith("sentinel")
    return {
        "result_expires": settings.result_expires,
        "redis_socket_connect_timeout": 1,
        "redis_socket_timeout": 5,
        "result_backend_transport_options": {
            "retry_policy": {"max_retries": 0},
            **(_sentinel_options(settings) if is_sentinel else {}),
        },
    }


def press(queue: str) -> None:
    """Send one doorbell."""
    app().send_task(RING, args=[queue], queue=queue, expires=RING_EXPIRES, retry=False, ignore_result=True)


def address() -> str:
    """The broker's address as it can be shown: without its password."""
    broker = config.settings().broker
    return broker if broker.startswith("filesystem") else str(app().connection_for_write().as_uri())


def reach(seconds: float = 3.0) -> str:
    """Connect to the broker, and say its address without secrets. Raises `BrokerUnreachable` in `seconds` at most."""
    connection = app().connection_for_write(connect_timeout=seconds)
    outcome: list[Exception | None] = []

    def attempt() -> None:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=seconds)
            outcome.append(None)
        except Exception as error:  # each broker's library has its own
            outcome.append(error)

    # In a thread of its own, since a broker that accepts and then keeps silent holds some libraries far longer.
    thread = threading.Thread(target=attempt, name="reach", daemon=True)
    thread.start()
    thread.join(seconds)
    reason = (outcome[0] or "") if outcome else f"no answer in {seconds:g} s"
    if reason:
        raise BrokerUnreachable(f"the broker {address()} does not answer: {log.redact(str(reason))}")
    connection.release()
    return address()


def _check_broker() -> None:
    try:
        app().connection_for_write().get_transport_cls()
    except (KeyError, ImportError) as error:
        reason = f"{error.args[0]}; use redis://, or leave it empty for the built-in one"
        raise config.SettingUnusable(f"{config.PREFIX}BROKER_URL: {reason}") from error


def can_shrink() -> bool:
    """Whether a worker on this broker may end processes that have nothing to do."""
    # Without an event loop, the processes of the pool read from one pipe under one lock. One that is ended while it
    # waits there keeps the lock, and the others stand still for ever; and growing races with the pool's own upkeep.
    return bool(app().connection_for_read().transport.implements.asynchronous)


def connect() -> None:
    """Let this process ring doorbells and answer Celery clients; or run jobs at once, if the settings say so."""
    settings = config.settings()
    doorbells.connect(press)
    doorbells.answer_at_once(Eager(db.database()) if settings.always_eager else None)
    answers.connect(_store if settings.result_backend.get_secret_value() else None)


def _store(celery_id: str, word: str, value: Any) -> None:
    """Keep an answer in the result backend, as Celery would."""
    kept = value if word == "SUCCESS" else TaskRevokedError(value) if word == "REVOKED" else JobFailed(value)
    app().backend.store_result(celery_id, kept, word)


_runner: Runner | None = None
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
    """KiB of this process, if it has had little to do for a while: the pool then replaces one that is too heavy.

    Libraries that were loaded and memory that work has torn to pieces come back in no other way. While there is work,
    the models are worth their weight.
    """
    if _runner is None or not _runner.is_at_leisure():
        return 1  # billiard would complain of none at all
    return int(psutil.Process().memory_info().rss // 1024)


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
        global _runner  # noqa: PLW0603  one runner a process
        self.lifeline.hold()
        billiard.pool.mem_rss = _weight
        db.database.cache_clear()
        self.load_tasks()
        _runner = self._runner(presence.member_of(self.name))
        self._introduce()

    def prepare_here(self) -> None:
        """Without a fork: this process runs the jobs itself, in each of its threads that answers a bell."""
        global _make_runner  # noqa: PLW0603
        self.load_tasks()
        _make_runner = partial(self._runner, self.name)
        self._introduce()

    def _runner(self, name: str) -> Runner:
        lease = timedelta(seconds=config.settings().lease_seconds)
        return Runner(db.database(), name, lease, self.lifeline.is_stopping, self.at_rest)

    def _introduce(self) -> None:
        connect()
        try:
            with db.database().transaction() as session:
                presence.introduce(session, self.name, self.queues, declaration.known(), self.concurrency)
                limiting.declare_queues(session, self.queues, _queue_limits())
                limiting.declare(session, map(declaration.find, declaration.known()))
        except StonehandError as error:  # the database is away for a while; this process is needed when it is back
            log.logger(__name__).warning("cannot say what this worker serves", error=str(error))


def _queue_limits() -> dict[str, int]:
    return {check_queue(name): count for name, count in config.settings().queue_concurrency.items()}


class _Pulse:
    """Says that the worker is alive, from a thread of its main process."""

    def __init__(self, name: str, lifeline: Lifeline, watchdog: Watchdog | None) -> None:
        self._name, self._lifeline, self._stop = name, lifeline, threading.Event()
        self._watchdog = watchdog

    def start(self, **_: Any) -> None:
        threading.Thread(target=self._run, name="pulse", daemon=True).start()

    def stop(self, **_: Any) -> None:
        self._lifeline.stop()
        self._stop.set()

    def _run(self) -> None:
        database = db.Database(config.settings().database)
        while not self._stop.wait(presence.EVERY):
            self._beat(database)
        with suppress(StonehandError), database.transaction() as session:
            presence.leave(session, self._name)

    def _beat(self, database: db.Database) -> None:
        try:
            with database.transaction() as session:
                presence.sign_of_life(session, self._name)
                is_stuck = self._watchdog is not None and self._watchdog.finds_it_stuck(session)
            if is_stuck:
                end_with_pool()
        except StonehandError as error:
            log.logger(__name__).warning("cannot say that the worker is alive", error=str(error))
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
    hears(app())

    def prepare(instance: Any, **_: Any) -> None:
        try:
            _prepare(instance, load_tasks, at_rest)
        except StonehandError as error:  # any other kind of error would be logged by Celery, and the worker go on
            raise SystemExit(f"stonehand: {error}") from error

    signals.celeryd_after_setup.connect(prepare, weak=False)
    return app()


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
    _check_broker()
    _queue_limits()  # what is wrong with them is said before anything starts
    serve(load_tasks, at_rest)
    shrinks = pool == FORKING and concurrency > least and can_shrink()
    worker = app().Worker(
        queues=list(queues),
        concurrency=concurrency,
        autoscale=(concurrency, least) if shrinks else None,
        pool=pool,
        hostname=f"stonehand-{presence.this_process().pid}@{presence.machine()}",
        loglevel=config.settings().log_level,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    if worker.autoscaler is not None:
        worker.autoscaler.keepalive = REST  # Celery's own patience is longer than our schedules' steps
    worker.start()
