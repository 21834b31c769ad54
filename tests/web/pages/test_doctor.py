"""The doctor as a page and in the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import jobs, migrations
from stonehand.db import Database
from stonehand.jobs import declaration
from stonehand.jobs.broker import engine
from stonehand.migrations import upgrading
from tests.web.api.conftest import As, as_  # noqa: F401  a fixture
from tests.web.pages.conftest import Visit


@pytest.fixture(autouse=True)
def _broken(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A newsroom of this version without workers."""
    migrations.load_models().drop_all(database.engine)
    upgrading.upgrade(database)
    monkeypatch.setattr(declaration, "_tasks", {})
    jobs.task("desks.wipe", queue="maintenance")(lambda attempt: None)
    engine.app.cache_clear()
    yield
    engine.app.cache_clear()


def test_the_page_says_what_is_wrong_and_the_command_that_mends_it(visit: Visit) -> None:
    page = visit("admin").go("/ops/doctor")
    assert "No worker runs" in page
    assert "<code>stonehand start" in page
    assert "problems" in page


def test_the_api_says_the_same(as_: As) -> None:  # noqa: F811
    found = as_("admin").get("/api/v1/doctor").json()
    assert found["grade"] == "problem"
    (workers,) = [each for each in found["findings"] if each["check"] == "workers"]
    assert workers["mend"].startswith("stonehand start")


@pytest.mark.parametrize("role", ["viewer", "editor", "publisher"])
def test_only_administrators_see_it(visit: Visit, as_: As, role: str) -> None:  # noqa: F811
    visit(role).go("/ops/doctor", 403)
    assert as_(role).get("/api/v1/doctor").status_code == 403
