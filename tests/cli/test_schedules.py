"""Tests of `stonehand schedules`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand import db, pipeline
from stonehand.accounts import queries as accounts
from stonehand.errors import StonehandError
from stonehand.jobs.clock import recurring
from stonehand.jobs.clock import schedules as engine
from stonehand.jobs.desk.parameters import ArgumentsUnfit, TaskForbidden
from stonehand.jobs.errors import JobBusy, ScheduleInvalid, ScheduleNotFound, ScheduleTaken, TimetableInvalid
from tests.cli.conftest import Cli

ADD = ("schedules", "add", "look", "sources.poll_due")
WEEKDAYS = ("--cron", "0 9 * * MON-FRI", "--timezone", "Europe/Zurich")


@pytest.fixture
def installed(prepared: db.Database) -> db.Database:
    with prepared.transaction() as session:
        pipeline.install_schedules(session)
    return prepared


def test_add_show_list_and_remove(cli: Cli, installed: db.Database) -> None:
    made = cli(*ADD, *WEEKDAYS, "--missed", "skip", "--priority", "7", "--json").json
    assert (made["words"], made["missed"], made["priority"]) == ("every weekday at 09:00 (Europe/Zurich)", "skip", 7)
    assert made["changed_by"].endswith("at the command line")
    assert len(made["next_runs"]) == 5
    shown = cli("schedules", "show", "look").out
    assert "every weekday at 09:00 (Europe/Zurich)" in shown
    assert shown.count("T09:00:00+0") == 5
    rows = cli("schedules", "list", "--json").json
    assert [row["name"] for row in rows if row["is_own"]] == ["look"]
    assert {row.task for row in pipeline.planned()} <= {row["name"] for row in rows}
    assert "every 30 seconds" in cli("schedules", "list").out
    assert cli("schedules", "remove", "look", stdin="n\n").code == 1
    assert cli("schedules", "remove", "look", "--yes").out == "The schedule look is gone.\n"
    assert isinstance(cli("schedules", "show", "look").error, ScheduleNotFound)
    with installed.read() as session:
        assert [deed.verb for deed in accounts.audit(session, 10, object_kind="schedule")] == ["removed", "added"]


def test_edit_and_reset(cli: Cli, installed: db.Database) -> None:
    name = "publications.find_due"
    before = cli("schedules", "show", name, "--json").json["words"]
    assert cli("schedules", "edit", name, "--cron", "@weekly", "--json").json["is_edited"] is True
    assert cli("schedules", "edit", name, "--every", "90", "--json").json["words"] == "every 90 seconds"
    assert cli("schedules", "edit", name, "--reset", "--json").json["words"] == before
    assert cli("schedules", "edit", name).code == 2
    assert cli("schedules", "edit", name, "--reset", "--priority", "1").code == 2
    assert isinstance(cli("schedules", "remove", name, "--yes").error, ScheduleTaken)


def test_switch_run_and_history(cli: Cli, installed: db.Database) -> None:
    cli(*ADD, "--every", "60")
    assert cli("schedules", "disable", "look").out == "The schedule look is switched off.\n"
    assert cli("schedules", "show", "look", "--json").json["next_runs"] == []
    assert cli("schedules", "enable", "look", "--json").json["enabled"] is True
    job_id = cli("schedules", "run", "look", "--json").json["id"]
    assert isinstance(cli("schedules", "run", "look").error, JobBusy)
    with installed.transaction() as session:
        recurring.get(session, "look").next_at -= timedelta(hours=1)
        engine.tick(session)
    history = cli("schedules", "history", "look", "--json").json
    assert {(each["outcome"], each["job_id"]) for each in history} == {("by_hand", job_id), ("busy", job_id)}
    assert "skipped: the run before was still working" in cli("schedules", "history", "look").out
    assert job_id in cli("schedules", "show", "look").out


def test_preview(cli: Cli) -> None:
    said = cli("schedules", "preview", "*/15 * * * *", "--timezone", "Asia/Kathmandu").out
    assert said.startswith("every 15 minutes (Asia/Kathmandu)\n")
    assert said.count("+05:45") == 5
    assert cli("schedules", "preview", "@daily", "--json").json["words"] == "every day at 00:00 (UTC)"
    wrong = cli("schedules", "preview", "0 9 * * MOONDAY").error
    assert isinstance(wrong, TimetableInvalid)
    assert "'MOONDAY' is no day of the week" in str(wrong)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((*ADD,), TimetableInvalid),
        ((*ADD, "--every", "60", "--cron", "@daily"), TimetableInvalid),
        ((*ADD, *WEEKDAYS, "--arg", "source_id=1"), ArgumentsUnfit),
        (("schedules", "add", "look.here", "sources.poll_due", *WEEKDAYS), ScheduleInvalid),
        (("schedules", "add", "look", "drafts.write", *WEEKDAYS), TaskForbidden),
        (("schedules", "edit", "nothing", "--every", "60"), ScheduleNotFound),
        (("schedules", "run", "nothing"), ScheduleNotFound),
        (("schedules", "history", "nothing"), ScheduleNotFound),
    ],
)
def test_what_cannot_be_is_refused(
    cli: Cli, prepared: db.Database, words: tuple[str, ...], error: type[StonehandError]
) -> None:
    assert isinstance(cli(*words).error, error)
