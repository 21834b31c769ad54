"""Tests of `stonehand call`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import db
from stonehand.accounts import service
from stonehand.accounts.permissions import Person
from stonehand.formerly import CallUnfit
from stonehand.jobs import announcements, queries
from stonehand.jobs.broker import doorbells
from stonehand.jobs.desk.parameters import TaskForbidden
from tests.cli.conftest import Cli


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = dict(announcements._followers)
    yield
    announcements._followers.clear()
    announcements._followers.update(before)
    doorbells._press = None


def asked(database: db.Database, job_id: str) -> tuple[str, dict[str, str], str | None]:
    with database.read() as session:
        job = queries.job(session, job_id)
    return job.task, job.args, job.called_as


@pytest.mark.parametrize(
    "words",
    [
        ("monitor_rss_feed", '["s1", false]'),
        ("monitor_rss_feed", '{"source_id": "s1"}'),
        ("monitor_rss_feed", "--arg", "source_id=s1", "--arg", "auto_generate=false"),
        ("monitor_rss_feed", "--args", '["s1"]', "--kwargs", '{"auto_generate": false}'),
    ],
)
def test_a_task_is_called_by_its_old_name(cli: Cli, prepared: db.Database, words: tuple[str, ...]) -> None:
    made = cli("call", *words, "--json").json
    assert made["task"] == "sources.poll"
    assert asked(prepared, made["id"]) == ("sources.poll", {"source_id": "s1"}, "monitor_rss_feed")


def test_and_by_ours(cli: Cli, prepared: db.Database) -> None:
    made = cli("call", "sources.poll", "s1", "--json")
    assert made.code == 2
    made = cli("call", "sources.poll", "--arg", "source_id=s1", "--priority", "9", "--json").json
    assert asked(prepared, made["id"]) == ("sources.poll", {"source_id": "s1"}, None)
    assert "of jobs.check_health is waiting" in cli("call", "health_check").out


def test_what_is_wrong_is_said(cli: Cli, prepared: db.Database) -> None:
    assert isinstance(cli("call", "monitor_rss_feed").error, CallUnfit)
    assert isinstance(cli("call", "discover_articles").error, CallUnfit)
    assert "no JSON" in cli("call", "health_check", "{").err
    assert cli("call", "health_check", "--arg", "x").code == 2


def test_the_role_of_who_acts_counts(cli: Cli, prepared: db.Database, admin: Person, password_hash: str) -> None:
    with prepared.transaction() as session:
        service.new_user(session, "eve@example.org", "Eve", "editor", password_hash)
    assert isinstance(cli("call", "backup_database_task", "--as", "eve@example.org").error, TaskForbidden)
    made = cli("call", "backup_database_task", "--as", admin.email, "--json").json
    assert asked(prepared, made["id"])[0] == "backups.make"
