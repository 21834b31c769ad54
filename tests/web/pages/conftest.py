"""The desk on a database of its own, and a browser for each role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand.accounts import doors
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from tests.web.api.conftest import PASSWORD, app, password_hash, people, pipeline  # noqa: F401  fixtures
from tests.web.pages.browsing import Browser

Visit = Callable[[str], Browser]


@pytest.fixture
def visit(database: Database, people: dict[str, Person], app: FastAPI) -> Visit:  # noqa: F811
    """Somebody of this role who has signed in."""

    def enter(role: str) -> Browser:
        secret = doors.sign_in(database, people[role].email, PASSWORD, "testclient").secret
        return Browser(TestClient(app, raise_server_exceptions=False), secret)

    return enter
