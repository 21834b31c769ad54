"""What becomes of a Celery client's message, without a broker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from stonehand import celery_clients, config, pipeline
from stonehand.accounts import passwords, service
from stonehand.accounts.models import AuditRecord, User
from stonehand.celery_clients import CallerUnknown
from stonehand.db import Database
from stonehand.errors import Forbidden
from stonehand.jobs import announcements
from stonehand.jobs.broker.hearing import Message
from stonehand.jobs.desk.parameters import TaskForbidden
from stonehand.jobs.models import Job


@pytest.fixture(autouse=True)
def _rooms() -> Iterator[None]:
    before = dict(announcements._followers)
    pipeline.install_worker()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


def message(
    name: str = "health_check", user_id: str | None = None, queue: str = "celery", priority: int = 0
) -> Message:
    return Message("an-id", name, [], {}, user_id, queue, priority)


def the_job(database: Database) -> Job:
    with database.read() as session:
        return session.scalars(sa.select(Job)).one()


def test_a_message_is_written_down_once(either_database: Database) -> None:
    celery_clients.receive(message())
    celery_clients.receive(message())
    job = the_job(either_database)
    assert (job.celery_id, job.called_as, job.asked_by) == (
        "an-id",
        "health_check",
        "a Celery client (editor), by Celery",
    )
    with either_database.read() as session:
        assert [record.verb for record in session.scalars(sa.select(AuditRecord))] == ["asked for"]


@pytest.mark.parametrize(("queue", "given", "expected"), [("celery", 0, 5), ("celery", 7, 7), ("celery", 10, 9)])
def test_priorities_are_kept(database: Database, queue: str, given: int, expected: int) -> None:
    celery_clients.receive(message(queue=queue, priority=given))
    assert the_job(database).priority == expected


def test_what_is_sent_to_the_queue_priority_is_urgent(database: Database) -> None:
    celery_clients.receive(message(queue="priority"))
    assert the_job(database).priority == 9


def test_whoever_names_nobody_has_the_role_of_the_setting(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STONEHAND_CELERY_CLIENT_ROLE", "viewer")
    config.settings.cache_clear()
    with pytest.raises(TaskForbidden):
        celery_clients.receive(message())


def test_whoever_is_named_must_be_here_and_may_no_more_than_usual(database: Database) -> None:
    with database.transaction() as session:
        ada = service.new_user(session, "ada@example.org", "Ada", "publisher", passwords.digest("seven grey herons"))
    celery_clients.receive(message("retry_failed_publications", "ada@example.org"))
    assert the_job(database).asked_by == "Ada, by Celery"
    other = Message("other", "backup_database_task", [], {}, ada.id, "celery", 0)
    with pytest.raises(TaskForbidden):
        celery_clients.receive(other)
    with database.transaction() as session:
        session.execute(sa.update(User).values(is_active=False))
    with pytest.raises(CallerUnknown, match="no active user"):
        celery_clients.receive(other)


@pytest.mark.parametrize(("state", "terminate", "ends"), [("available", False, "cancelled"), ("executing", False, "")])
def test_what_is_revoked(database: Database, state: str, terminate: bool, ends: str) -> None:
    celery_clients.receive(message())
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state=state))
    celery_clients.revoke(["an-id", "no such id"], terminate)
    job = the_job(database)
    assert job.state == (ends or state)
    assert (job.cancel_requested_at is not None) == bool(ends)


def test_what_runs_is_stopped_only_to_terminate_it(database: Database) -> None:
    celery_clients.receive(message())
    with database.transaction() as session:
        session.execute(sa.update(Job).values(state="executing"))
    for _ in range(2):  # every worker hears of it
        celery_clients.revoke([the_job(database).id], True)
    assert the_job(database).cancel_requested_at is not None
    with database.read() as session:
        verbs = session.scalars(sa.select(AuditRecord.verb)).all()
    assert verbs.count("cancelled") == 1


def test_a_client_that_may_nothing_revokes_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    celery_clients.receive(message())
    monkeypatch.setenv("STONEHAND_CELERY_CLIENT_ROLE", "viewer")
    config.settings.cache_clear()
    with pytest.raises(Forbidden):
        celery_clients.revoke(["an-id"], True)
    assert the_job(database).cancel_requested_at is None
