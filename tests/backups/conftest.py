"""A newsroom of either kind of database, with something in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import configure_mappers

from stonehand import config, db, jobs
from stonehand.db import Database
from stonehand.migrations import upgrading
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from tests.servers import Postgres


@jobs.task("backuptest.nothing", queue="default")
def nothing(attempt: jobs.Attempt) -> None:
    """Do nothing."""


@pytest.fixture(params=["sqlite", "postgresql"])
def newsroom(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> Iterator[Database]:
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        monkeypatch.setenv("STONEHAND_DATABASE_URL", server.make_database(db.new_id()))
        monkeypatch.setenv("STONEHAND_POSTGRES_TOOLS", str(server.binaries))
        config.settings.cache_clear()
    upgrading.upgrade(db.database())
    configure_mappers()
    home = data_dir / "published" / "folder"
    home.mkdir(parents=True)
    (home / "piece.html").write_text("<p>a piece</p>")
    yield db.database()
    db.database().close()


def ask_for_work(database: Database) -> None:
    with database.transaction() as session:
        for _ in range(3):
            jobs.enqueue(session, "backuptest.nothing", {})


def publication(state: PublicationState, hours: float, database: Database) -> str:
    """A publication that is due in so many hours."""
    with database.transaction() as session:
        moment = db.now(session)
        made = Publication(
            review_id=db.new_id(),
            draft_id=db.new_id(),
            revision_id=db.new_id(),
            channel_id="c",
            channel_name="Folder",
            key=db.new_id(),
            content_sha256="0" * 64,
            title="A piece",
            state=state,
            due_at=moment + timedelta(hours=hours),
            created_at=moment,
        )
        session.add(made)
        session.flush()
        return made.id
