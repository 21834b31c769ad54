"""A database with one administrator."""

from __future__ import annotations

import pytest

from stonehand.accounts import passwords, queries, service
from stonehand.accounts.permissions import Person
from stonehand.db import Database

PASSWORD = "seven grey herons"


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.digest(PASSWORD)


@pytest.fixture
def admin(database: Database, password_hash: str) -> Person:
    with database.transaction() as session:
        return queries.person(service.new_user(session, "Ada@Example.org", "Ada", "admin", password_hash))
