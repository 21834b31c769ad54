"""The application on a database of its own, and a client for each role."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from stonehand import pipeline as house
from stonehand.accounts import passwords, queries, service
from stonehand.accounts.permissions import PERMISSIONS, Person
from stonehand.db import Database
from stonehand.jobs import announcements
from stonehand.web.app import create_app
from tests.sources.conftest import site  # noqa: F401  a fixture

PASSWORD = "seven grey herons"
As = Callable[[str], TestClient]


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.digest(PASSWORD)


@pytest.fixture
def pipeline() -> Iterator[None]:
    """The whole trip."""
    before = dict(announcements._followers)
    house.install()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


@pytest.fixture
def people(database: Database, password_hash: str) -> dict[str, Person]:
    with database.transaction() as session:
        return {
            role: queries.person(service.new_user(session, f"{role}@example.org", role.title(), role, password_hash))
            for role in ("viewer", "editor", "publisher", "admin")
        }


made = cache(create_app)


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The application, made once, wherever this is imported to: it keeps nothing between requests."""
    return made()


@pytest.fixture
def client(database: Database, app: FastAPI) -> TestClient:
    """Nobody in particular."""
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture
def as_(database: Database, people: dict[str, Person], app: FastAPI) -> As:
    """A client with a token of somebody of this role."""

    def enter(role: str) -> TestClient:
        person = people[role]
        scopes = [word for word in PERMISSIONS if person.may(word)]
        with database.transaction() as session:
            _, secret = service.create_token(session, person, "tests", scopes)
        headers = {"Authorization": f"Bearer {secret}"}
        return TestClient(app, headers=headers, raise_server_exceptions=False)

    return enter
