"""The script that tells how far somebody reads, in a real Chromium."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from playwright.sync_api import Browser

from stonehand.accounts import doors
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.reading.models import ReadingEvent
from stonehand.web import security
from tests.library.conftest import put
from tests.servers import wait_until
from tests.web import gallery
from tests.web.api.conftest import PASSWORD, app, password_hash, people, pipeline  # noqa: F401  fixtures
from tests.web.test_browser import browser  # noqa: F401  a fixture

pytestmark = pytest.mark.browser


def deeds(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(sa.select(ReadingEvent.deed).order_by(ReadingEvent.at, ReadingEvent.client_id)))


def test_a_page_tells_that_it_is_viewed_and_read(
    database: Database,
    people: dict[str, Person],  # noqa: F811
    app: FastAPI,  # noqa: F811
    browser: Browser,  # noqa: F811
) -> None:
    article = put(database, "Bridge closes", "The bridge is closed. " * 20)
    secret = doors.sign_in(database, people["viewer"].email, PASSWORD, "testclient").secret
    with gallery.served(app) as address:
        context = browser.new_context()
        page = context.new_page()
        context.add_cookies([{"name": security.session_cookie(), "value": secret, "url": address}])
        page.clock.install()
        page.goto(f"{address}/articles/{article}")
        page.clock.run_for(2_000)
        assert deeds(database) == []  # whoever only passes by has viewed nothing
        page.clock.run_for(2_000)
        wait_until(lambda: "view" in deeds(database), "the page to tell that it is viewed")
        page.clock.run_for(60_000)
        wait_until(lambda: "read" in deeds(database), "the page to tell that it was read")
        page.clock.run_for(10_000)
        page.goto(f"{address}/for-you/progress")
        wait_until(lambda: "progress" in deeds(database), "the page to tell what came last")
        context.close()
    assert sorted(deeds(database)) == ["progress", "read", "view"]
