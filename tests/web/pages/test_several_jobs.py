"""Several jobs from one form: all of them, or none and the line that is wrong."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from stonehand.db import Database
from stonehand.jobs.models import Job
from stonehand.jobs.states import State
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

pytestmark = pytest.mark.usefixtures("pipeline")


def by_task(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(job.task, job.state) for job in session.scalars(sa.select(Job).order_by(Job.id))]


def test_a_chain(visit: Visit, database: Database) -> None:
    editor = visit("editor")
    page = words(editor.go("/jobs/several"))
    assert "sources.poll source_id=" in page
    said = editor.send("/jobs/several", steps="sources.poll_due\n\nsources.poll_all kind=feed\n", how="chain")
    assert "2 jobs accepted" in words(said)
    first, second = by_task(database)
    assert first == ("sources.poll_due", State.AVAILABLE)
    assert second == ("sources.poll_all", State.BLOCKED)


def test_a_group_and_what_follows(visit: Visit, database: Database) -> None:
    steps = "sources.poll_due\nsources.poll_all kind=feed"
    editor = visit("editor")
    editor.go("/jobs/several")
    said = editor.send("/jobs/several", steps=steps, how="group", then="sources.poll_all")
    assert "3 jobs accepted" in words(said)
    assert [state for _, state in by_task(database)] == [State.AVAILABLE, State.AVAILABLE, State.BLOCKED]
    assert "sources.poll_all" in said


@pytest.mark.parametrize(
    ("steps", "then", "error"),
    [
        ("", "", "write one job a line"),
        ("sources.poll_due\nsources.poll source", "", "line 2: 'source' is not of the form name=value"),
        ("sources.poll_due\nno.such", "", "no.such"),
        ("sources.poll source_id=nothing", "", "there is no source nothing"),
        ("sources.poll_due", "sources.poll", "takes source_id"),
        ("sources.poll_due\n" * 101, "", "1 to 100"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_starts(
    visit: Visit, database: Database, steps: str, then: str, error: str
) -> None:
    editor = visit("editor")
    editor.go("/jobs/several")
    said = editor.send("/jobs/several", 422, steps=steps, how="group", then=then)
    assert error.lower() in words(said).lower()
    assert by_task(database) == []
    if then:
        assert f'value="{then}"' in said


def test_who_may_not_is_told(visit: Visit, database: Database) -> None:
    editor = visit("editor")
    editor.go("/jobs/several")
    editor.send("/jobs/several", 403, steps="sources.poll_due\njobs.sample", how="chain")
    assert by_task(database) == []
    visit("viewer").go("/jobs/several", 403)
