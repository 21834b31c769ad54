"""The Celery application: queues and the broker. It carries doorbells and nothing else."""

from __future__ import annotations

import threading
import warnings
from functools import cache
from typing import Any

from celery import Celery
from celery.exceptions import TaskRevokedError
from celery.platforms import SecurityWarning

from stonehand import config, db, log
from stonehand.jobs import declaration
from stonehand.jobs.broker import answers, doorbells, reconnecting, spool
from stonehand.jobs.errors import BrokerUnreachable, JobFailed
from stonehand.jobs.worker.eager import Eager

RING = "stonehand.ring"
RING_EXPIRES = 6 * 3600  # seconds; each worker judges it by its own clock, which may be an hour off
HEAVY = 50 * 1024  # KiB that a process of the pool may have put on since it was born
BIRTH = 60.0  # seconds that a process may take to come up on a busy machine; Celery would kill it after four
SHUTDOWN_GRACE = 15  # seconds for running jobs after SIGTERM


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
        broker_connection_max_retries=None,  # a worker waits for its broker as long as that may take
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
        worker_proc_alive_timeout=BIRTH,
        worker_max_tasks_per_child=settings.worker_max_tasks_per_child,
        worker_soft_shutdown_timeout=SHUTDOWN_GRACE,
        beat_scheduler="stonehand.jobs.clock.beating:Beat",
        worker_max_memory_per_child=HEAVY,
        worker_enable_remote_control=not settings.broker.startswith("filesystem"),
        enable_utc=True,
        timezone="UTC",
        **_backend_options(settings),
    )
    celery.amqp.Connection = reconnecting.Impatient
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
    options = {"queue": queue, "expires": RING_EXPIRES, "ignore_result": True}
    app().send_task(RING, args=[queue], retry=True, retry_policy=reconnecting.ONE_MORE_TRY, **options)


def address() -> str:
    """The broker's address as it can be shown: without its password."""
    broker = config.settings().broker
    if broker.startswith("filesystem"):
        return broker
    shown = str(app().connection_for_write().as_uri())
    return shown if "@" in broker else shown.replace(":**@", "")  # Redis is given a hidden password even if it has none


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


def check_broker() -> None:
    """Raise `SettingUnusable` for a broker that nothing here speaks to."""
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
