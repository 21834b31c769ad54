"""The pages of schedules, as somebody without scripts sees them, and their live preview."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.accounts.models import AuditRecord
from stonehand.db import Database
from stonehand.jobs.clock import recurring, schedules
from stonehand.jobs.models import Job, Schedule
from stonehand.jobs.states import State
from stonehand.pipeline import install_schedules
from tests.web.pages.browsing import Browser, words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")
WEEKDAYS = {"how": "cron", "cron": "0 9 * * MON-FRI", "timezone": "Europe/Zurich", "number": "15", "unit": "minutes"}
TYPED = {"name": "morning", "task": "sources.poll_due", "args": "", "missed": "once", "priority": "5", **WEEKDAYS}


@pytest.fixture
def installed(database: Database) -> None:
    with database.transaction() as session:
        install_schedules(session)


@pytest.fixture
def publisher(visit: Visit) -> Browser:
    browser = visit("publisher")
    browser.go("/schedules")
    return browser


def row(database: Database, name: str = "morning") -> Schedule:
    with database.read() as session:
        return recurring.get(session, name)


@pytest.mark.usefixtures("installed")
def test_the_pipelines_schedules_are_listed_in_words(visit: Visit) -> None:
    page = visit("viewer").go("/schedules")
    assert "Every minute" in words(page)
    assert "Every 30 seconds" in words(page)
    assert page.count("<details") >= 4
    assert 'method="post"' not in page.partition("<main")[2]
    assert 'href="/schedules"' in visit("viewer").go("/jobs")


def test_a_schedule_is_added_seen_and_removed(publisher: Browser, database: Database) -> None:
    assert "Added morning: every weekday at 09:00 (Europe/Zurich)." in words(publisher.send("/schedules", **TYPED))
    page = publisher.go("/schedules")
    assert "Every weekday at 09:00 (Europe/Zurich)" in words(page)
    assert "made by hand" in page
    times = re.findall(r"<li>(\w{3}) \d+ \w{3} \d{4}, 09:00 CES?T <span", page)
    assert len(times) == 5
    assert set(times) <= {"Mon", "Tue", "Wed", "Thu", "Fri"}
    page = publisher.go("/schedules/morning")
    assert "It has not fired yet." in page
    assert 'value="0 9 * * MON-FRI"' in page
    publisher.send("/schedules/morning/edit", **TYPED | {"jitter": "30"})
    assert "30 s" in words(publisher.go("/schedules/morning"))
    assert "0 to 60" in words(publisher.send("/schedules/morning/edit", 422, **TYPED | {"jitter": "61"}))
    assert "Removed morning." in words(publisher.send("/schedules/morning/remove"))
    publisher.go("/schedules/morning", 404)
    with database.read() as session:
        verbs = session.scalars(sa.select(AuditRecord.verb).where(AuditRecord.object_kind == "schedule")).all()
    assert sorted(verbs) == ["added", "changed", "removed"]


def test_looking_first_saves_nothing_and_keeps_what_was_typed(publisher: Browser, database: Database) -> None:
    page = publisher.send("/schedules/preview", **TYPED)
    assert "Every weekday at 09:00 (Europe/Zurich)" in words(page)
    assert 'value="morning"' in page
    with database.read() as session:
        assert not session.scalars(sa.select(Schedule.name)).all()
    page = publisher.send("/schedules/preview", 422, **TYPED | {"cron": "0 99 * * *"})
    assert "'99' is no hour" in words(page)
    every = TYPED | {"how": "every", "number": "90", "unit": "minutes"}
    assert "Every 90 minutes" in words(publisher.send("/schedules/preview", **every))


def test_the_preview_is_live_with_scripts(publisher: Browser) -> None:
    page = publisher.go("/schedules")
    assert 'hx-post="/schedules/preview" hx-trigger="input delay:400ms" hx-target="#schedule-preview"' in page
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    headers = {"HX-Request": "true", "HX-Target": "div#schedule-preview"}
    for cron, said in (("*/15 * * * *", "Every 15 minutes"), ("* * * *", "it needs five")):
        fields = TYPED | {"cron": cron, "csrf_token": token[1]}
        answer = publisher.client.post("/schedules/preview", data=fields, headers=headers)
        assert answer.status_code == 200
        assert answer.text.lstrip().startswith('<div id="schedule-preview"')
        assert said in answer.text


@pytest.mark.parametrize(
    ("wrong", "status", "said"),
    [
        ({"name": "not a name"}, 422, "Write 1 to 64 letters"),
        ({"task": "sources.pol"}, 422, "did you mean sources.poll?"),
        ({"task": "drafts.write"}, 403, "never by hand"),
        ({"args": "desk_id"}, 422, "not of the form name=value"),
        ({"args": "desk_id=7"}, 422, "takes no arguments, not desk_id"),
        ({"cron": ""}, 422, "Write a cron expression"),
        ({"how": "every", "number": "soon"}, 422, "'soon' is not a whole number"),
        ({"how": "every", "number": "1", "unit": "seconds"}, 422, "an interval is 5 to"),
        ({"timezone": "Mars"}, 422, "'Mars' is not a time zone"),
        ({"priority": "12"}, 422, "the priority 12 is not 0 to 9"),
    ],
)
def test_what_is_wrong_is_said_above_the_form(
    publisher: Browser, wrong: dict[str, str], status: int, said: str
) -> None:
    page = publisher.send("/schedules", status, **TYPED | wrong)
    assert said.lower() in words(page).lower()
    assert 'action="/schedules"' in page


def test_an_edit_counts_at_once(publisher: Browser, database: Database) -> None:
    publisher.send("/schedules", **TYPED)
    publisher.go("/schedules/morning")
    page = publisher.send("/schedules/morning/preview", **TYPED | {"how": "every", "number": "2", "unit": "hours"})
    assert "Every 2 hours" in words(page)
    assert 'action="/schedules/morning/edit"' in page
    page = publisher.send("/schedules/morning/edit", **TYPED | {"how": "every", "number": "2", "unit": "hours"})
    assert "Saved. It comes every 2 hours from now on." in words(page)
    assert re.search(r'name="number"[^>]*value="2"|value="2"[^>]*name="number"', page)
    assert row(database).every_seconds == 7200
    page = publisher.send("/schedules/morning/edit", 422, **TYPED | {"cron": "nonsense"})
    assert "it needs five" in page
    assert row(database).every_seconds == 7200


def test_it_runs_now_and_its_history_shows_the_job(publisher: Browser, database: Database) -> None:
    publisher.send("/schedules", **TYPED | {"how": "every"})
    publisher.go("/schedules")
    assert "morning runs as soon as a worker is free." in words(publisher.send("/schedules/morning/run"))
    assert "The run before is still working" in words(publisher.send("/schedules/morning/run"))
    with database.transaction() as session:
        recurring.get(session, "morning").next_at -= timedelta(hours=3)
        schedules.tick(session)
    page = publisher.go("/schedules/morning")
    assert "started by hand" in page
    assert "skipped: the run before was still working 2 h late" in words(page)
    with database.transaction() as session:
        [job] = session.scalars(sa.select(Job))
        job.state = State.COMPLETED
    page = publisher.go("/schedules/morning")
    assert f'href="/jobs/{job.id}"' in page
    assert "Done" in words(page)


def test_a_long_history_has_parts(publisher: Browser, database: Database) -> None:
    publisher.send("/schedules", **TYPED | {"how": "every", "number": "1", "missed": "all"})
    with database.transaction() as session:
        recurring.get(session, "morning").next_at -= timedelta(minutes=60)
        schedules.tick(session)
    first = publisher.go("/schedules/morning")
    older = re.search(r'href="(/schedules/morning\?before=[^"]+)"', first)
    assert older
    second = publisher.go(older[1])
    assert first.count("fired") > second.count("fired") > 0
    assert "Newer" in second


def test_switching_off_and_on(publisher: Browser, database: Database) -> None:
    publisher.send("/schedules", **TYPED)
    publisher.go("/schedules")
    page = publisher.send("/schedules/morning/disable")
    assert "morning is switched off." in words(page)
    assert "/schedules/morning/enable" in page
    assert not row(database).is_enabled
    assert "None while it is switched off." in publisher.go("/schedules/morning")
    publisher.send("/schedules/morning/enable")
    assert row(database).is_enabled


@pytest.mark.usefixtures("installed")
def test_the_pipelines_can_be_edited_by_an_administrator_and_given_back(visit: Visit, database: Database) -> None:
    admin, name = visit("admin"), "/schedules/jobs.forget_old"
    assert "Give it back" not in admin.go(name)
    before = row(database, "jobs.forget_old")
    admin.send(f"{name}/edit", **TYPED | {"how": "every", "number": "45", "unit": "seconds"})
    assert "edited" in admin.go(name)
    assert "Give it back to the pipeline" in admin.page
    assert "/remove" not in admin.page
    admin.send(f"{name}/reset")
    after = row(database, "jobs.forget_old")
    assert (after.every_seconds, after.cron) == (before.every_seconds, before.cron)
    publisher = visit("publisher")
    publisher.go(name)
    assert "/disable" not in publisher.page
    publisher.go("/schedules")
    publisher.send(f"{name}/disable", 403)
    viewer = visit("editor")
    viewer.go("/schedules")
    viewer.send(f"{name}/run", 403)
