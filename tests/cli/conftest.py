"""A prepared database, and verbs as an operator types them."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from stonehand import db
from stonehand.accounts import passwords, queries, service
from stonehand.accounts.permissions import Person
from stonehand.cli import root
from stonehand.errors import StonehandError
from stonehand.jobs import announcements

PASSWORD = "seven grey herons"


@dataclass(frozen=True)
class Outcome:
    """What a verb printed, and how it ended. `error` is the sentence that `main` would print."""

    code: int
    out: str
    err: str
    error: StonehandError | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture
def cli() -> Iterator[Cli]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level

    def run(*words: str, stdin: str = "") -> Outcome:
        with _process_of_its_own():
            result = CliRunner().invoke(root, list(words), input=stdin)
        if result.exception and not isinstance(result.exception, (SystemExit, StonehandError)):
            raise result.exception
        error = result.exception if isinstance(result.exception, StonehandError) else None
        return Outcome(result.exit_code, result.stdout, result.stderr, error)

    yield run
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@contextmanager
def _process_of_its_own() -> Iterator[None]:
    """Nothing follows anything until the verb itself joins the rooms, as when somebody types it."""
    known = dict(announcements._followers)
    announcements._followers.clear()
    try:
        yield
    finally:
        announcements._followers.update(known)


@pytest.fixture
def prepared(migrated_file: Path, data_dir: Path) -> db.Database:
    """A database of this version, without anything in it."""
    shutil.copyfile(migrated_file, data_dir / "stonehand.db")
    return db.database()


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.digest(PASSWORD)


@pytest.fixture
def admin(prepared: db.Database, password_hash: str) -> Person:
    with prepared.transaction() as session:
        return queries.person(service.new_user(session, "ada@example.org", "Ada", "admin", password_hash))
