"""Plain Celery clients, a real worker, and every broker."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.accounts import passwords, service
from stonehand.jobs.broker import engine
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from stonehand.migrations import upgrading
from tests.former.desk import Client, Desk
from tests.former.servers import Sentinel, TlsRedis, program_with_tls
from tests.servers import Postgres, RabbitMQ, Redis, free_port, wait_until

PATIENCE = 90  # seconds for an answer, on a busy machine


@dataclass
class Place:
    """Where a client finds the broker and its answers, and the options of its transport."""

    broker: str | None
    answers: str
    options: dict[str, str] = field(default_factory=dict)


@pytest.fixture(params=["filesystem", "redis", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq), "tls", "sentinel"])
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, redis_server: Redis) -> Iterator[Place]:
    """A broker of each kind."""
    made, server = Place(None, redis_server.url.removesuffix("0") + "1"), _server(request.param, redis_server)
    monkeypatch.setenv("CELERY_RESULT_BACKEND", made.answers)
    if request.param == "redis":
        postgres: Postgres = request.getfixturevalue("postgres")
        monkeypatch.setenv("DATABASE_URL", postgres.make_database(db.new_id()))
        made.broker = redis_server.url.removesuffix("0") + "2"
        monkeypatch.setenv("CELERY_BROKER_URL", made.broker)
    if server is not None:
        server.start()
        made.broker = server.url
        monkeypatch.setenv("CELERY_BROKER_URL", server.url)
    if isinstance(server, TlsRedis):
        monkeypatch.setenv("CELERY_RESULT_BACKEND", server.url)
        made.answers = server.url + "&ssl_cert_reqs=required"
    if isinstance(server, Sentinel):
        made.answers, made.options = f"{server.url}/3", {"master_name": Sentinel.MASTER}
        monkeypatch.setenv("CELERY_BROKER_URL", f"sentinel://127.0.0.1:{free_port()};{server.url}")  # one is down
        monkeypatch.setenv("CELERY_RESULT_BACKEND", made.answers)
        monkeypatch.setenv("STONEHAND_BROKER_MASTER_NAME", Sentinel.MASTER)
    config.settings.cache_clear()
    engine.app.cache_clear()
    yield made
    engine.app.cache_clear()
    if server is not None:
        server.remove()


def _server(kind: str, redis: Redis) -> RabbitMQ | TlsRedis | Sentinel | None:
    if kind == "rabbitmq" and not RabbitMQ.program():
        pytest.skip(RabbitMQ.WANTED)
    if kind == "tls" and not program_with_tls():
        pytest.skip("no Redis with TLS is installed; get it: apt-get install redis-server")
    makers: dict[str, Callable[[], RabbitMQ | TlsRedis | Sentinel]] = {
        "rabbitmq": RabbitMQ,
        "tls": TlsRedis,
        "sentinel": partial(Sentinel, redis),
    }
    return makers[kind]() if kind in makers else None


@pytest.fixture
def desk(place: Place, tmp_path: Path) -> Iterator[Desk]:
    upgrading.upgrade(db.database())
    made = Desk(tmp_path)
    yield made
    made.close()


def jobs_of(celery_id: str) -> list[Job]:
    with db.database().read() as session:
        return list(session.scalars(sa.select(Job).where(Job.celery_id == celery_id)))


@jobs.task("test.tomorrow", queue="default")
def tomorrow(attempt: jobs.Attempt) -> None:
    """Never runs here."""


def waiting_job() -> str:
    """The client's id of a job that will not begin today."""
    celery_id = str(uuid.uuid4())
    with db.database().transaction() as session:
        late = db.now(session) + timedelta(days=1)
        job_id = jobs.enqueue(session, "test.tomorrow", {}, run_at=late)
        session.execute(sa.update(Job).where(Job.id == job_id).values(celery_id=celery_id))
    return celery_id


def test_a_celery_client_is_heard_and_answered(place: Place, desk: Desk) -> None:
    client = Client(place.answers, place.broker, **place.options)
    with db.database().transaction() as session:
        viewer = service.new_user(session, "vera@example.org", "Vera", "viewer", passwords.digest("seven grey herons"))
    desk.wait()
    twice, own = str(uuid.uuid4()), f"my-own-{uuid.uuid4().hex}"  # never asked for before: answers are kept for a day
    calls = {
        "whole": client.send("trend_agent.tasks.scheduler.health_check_task"),
        "once": client.send("monitor_celery_queue_task", task_id=twice),
        "again": client.send("monitor_celery_queue_task", task_id=twice, queue="control"),
        "old queue": client.send("collect_all_plugins_task", queue="collection"),
        "own id": client.send("test_plugin_task", ["feed"], task_id=own, queue="priority"),
        "unfit": client.send("monitor_rss_feed", kwargs={"source": 1}, queue="sources"),
        "forbidden": client.send("health_check", headers={"user_id": viewer.id}),
        "unknown user": client.send("health_check", kwargs={"user_id": "nobody@example.org"}),
        "no process": client.send("discover_articles", queue="discovery"),
    }
    try:
        said = {name: str(call.get(timeout=PATIENCE, propagate=False)) for name, call in calls.items()}
    except Exception as error:
        raise AssertionError(f"{error!r}\n{desk.said()}") from error
    assert calls["whole"].state == "SUCCESS"
    assert calls["whole"].get()["checks"]["database"]["ok"] is True
    assert "sources" in calls["once"].get()["queues"]
    assert len(jobs_of(twice)) == 1
    assert calls["old queue"].get()["items_collected"] == 0
    assert "there is no source of the kind 'feed' to try" in said["own id"]
    assert [job.priority for job in jobs_of(own)] == [9]
    assert "source: Unexpected keyword argument" in said["unfit"]
    assert calls["unfit"].state == "FAILURE"
    assert "can be started by a person with the role editor" in said["forbidden"]
    assert "no active user nobody@example.org" in said["unknown user"]
    assert "process_id: Missing required argument" in said["no process"]
    if place.broker:  # the built-in one has no way to speak to all workers
        revoked = waiting_job()
        client.app.control.revoke(revoked)
        wait_until(lambda: jobs_of(revoked)[0].state == State.CANCELLED, f"it is cancelled\n{desk.said()}", PATIENCE)
