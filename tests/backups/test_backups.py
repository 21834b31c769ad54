"""A backup counts only once it has been restored; so every test here goes the whole way."""

from __future__ import annotations

import gzip
import json
import stat
import tarfile
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from stonehand import config, db, jobs, migrations, vault
from stonehand.backups import archive, queries, restoring, service, sqlite_copies
from stonehand.backups.errors import BackupTooNew, BackupUnusable, PlaceTaken, StillRunning, TargetUnfit, ToolsUnfit
from stonehand.db import Database
from stonehand.jobs import claims, declaration
from stonehand.jobs import queries as job_queries
from stonehand.jobs.held import Portion
from stonehand.jobs.models import Job, Worker
from stonehand.jobs.states import State
from stonehand.jobs.testing import run_all
from stonehand.publications import queries as publications
from stonehand.publications.states import PublicationState
from tests.backups.conftest import ask_for_work, publication
from tests.servers import Postgres


def count(database: Database) -> int:
    with database.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Job)) or 0


def test_what_was_saved_comes_back_and_what_was_there_is_kept(newsroom: Database, tmp_path: Path) -> None:
    ask_for_work(newsroom)
    made = service.make(tmp_path / "backups")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert [path.name for path in made.path.parent.iterdir()] == [made.path.name], "nothing is left beside it"
    ask_for_work(newsroom)
    (config.settings().data_dir / "published" / "folder" / "piece.html").unlink()
    db.database().close()

    done = restoring.restore(made.path, replace=True)

    assert count(db.database()) == 3
    assert done.aside
    assert done.files == 1
    assert (config.settings().data_dir / "published" / "folder" / "piece.html").read_text() == "<p>a piece</p>"
    run_all(db.database())
    with db.database().read() as session:
        assert job_queries.counts(session)[State.COMPLETED] == 3, "the restored jobs run"


def test_it_is_restored_into_an_empty_place(
    newsroom: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask_for_work(newsroom)
    made = service.make(tmp_path / "backups")
    newsroom.close()
    monkeypatch.setenv("STONEHAND_DATA_DIR", str(tmp_path / "elsewhere"))
    if newsroom.engine.dialect.name == "postgresql":
        empty = str(config.settings().database_url.get_secret_value()).rpartition("/")[0]
        monkeypatch.setenv("STONEHAND_DATABASE_URL", f"{empty}/{_new_database(newsroom)}")
    config.settings.cache_clear()
    db.database.cache_clear()
    restoring.restore(made.path, replace=False)
    assert count(db.database()) == 3
    assert (tmp_path / "elsewhere" / "published" / "folder" / "piece.html").exists()


def _new_database(newsroom: Database) -> str:
    name = f"empty_{db.new_id()[-12:]}"
    with newsroom.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    newsroom.close()
    return name


def test_nothing_is_overwritten_without_being_told(newsroom: Database, tmp_path: Path) -> None:
    made = service.make(tmp_path)
    ask_for_work(newsroom)
    with pytest.raises(PlaceTaken, match="--yes"):
        restoring.restore(made.path, replace=False)
    assert count(newsroom) == 3


def test_a_database_in_use_is_not_replaced(newsroom: Database, tmp_path: Path) -> None:
    made = service.make(tmp_path)
    with newsroom.engine.connect() as somebody:
        somebody.exec_driver_sql("SELECT 1")
        with pytest.raises(StillRunning, match="stop Stonehand"):
            restoring.restore(made.path, replace=True)


def test_verifying_leaves_everything_as_it_is(newsroom: Database, tmp_path: Path) -> None:
    ask_for_work(newsroom)
    made = service.make(tmp_path)
    before = sorted(config.settings().data_dir.iterdir())
    manifest = restoring.verify(made.path)
    assert manifest.counts["jobs"] == 3
    assert sorted(config.settings().data_dir.iterdir()) == before
    if newsroom.engine.dialect.name == "postgresql":
        with newsroom.engine.connect() as connection:
            names = connection.exec_driver_sql("SELECT datname FROM pg_database WHERE datname LIKE 'stonehand_re%%'")
            assert names.all() == []


def test_a_backup_is_one_moment_while_others_write(newsroom: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            ask_for_work(newsroom)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = service.make(tmp_path)
    finally:
        stop.set()
        writer.join()
    assert made.manifest.counts["jobs"] % 3 == 0, "a transaction is in it whole or not at all"
    assert restoring.verify(made.path).counts == made.manifest.counts


def test_after_restoring_nothing_is_sent_twice(newsroom: Database, tmp_path: Path) -> None:
    going = publication(PublicationState.PUBLISHING, -1, newsroom)
    due = publication(PublicationState.SCHEDULED, -1, newsroom)
    later = publication(PublicationState.SCHEDULED, 5, newsroom)
    done = publication(PublicationState.PUBLISHED, -2, newsroom)
    with newsroom.transaction() as session:
        for state, name in ((State.AVAILABLE, due), (State.EXECUTING, going), (State.RETRYABLE, "x")):
            job_id = jobs.enqueue(session, "publications.publish", {"publication_id": name})
            session.execute(sa.update(Job).where(Job.id == job_id).values(state=state))
        jobs.enqueue(session, "publications.prepare", {"review_id": "r"})
        jobs.enqueue(session, "backuptest.nothing", {})
    made = service.make(tmp_path)
    newsroom.close()

    told = restoring.restore(made.path, replace=True)
    run_all(db.database())

    assert (told.doubtful_publications, told.doubtful_jobs) == (2, 4)
    with db.database().read() as session:
        states = {each: publications.publication(session, each).state for each in (going, due, later, done)}
        found = session.execute(sa.select(Job.task, Job.state)).all()
        error = publications.publication(session, going).error or ""
    assert states == {
        going: PublicationState.NEEDS_RECONCILE,
        due: PublicationState.NEEDS_RECONCILE,
        later: PublicationState.SCHEDULED,
        done: PublicationState.PUBLISHED,
    }
    assert "restored from the backup" in error
    sending = [state for task, state in found if task != "backuptest.nothing"]
    assert sending == [State.NEEDS_RECONCILE] * 4
    assert ("backuptest.nothing", State.COMPLETED) in found


def test_work_that_ran_when_the_backup_was_made_runs_anew(newsroom: Database, tmp_path: Path) -> None:
    ask_for_work(newsroom)
    with newsroom.transaction() as session:
        portions = {"backuptest.nothing": Portion()}
        held = claims.claim(session, "default", "elsewhere:1:1", portions, db.now(session), timedelta(hours=1))
    made = service.make(tmp_path)
    newsroom.close()
    restoring.restore(made.path, replace=True)
    with db.database().read() as session:
        job = job_queries.job(session, held[0].id)
        assert (job.state, job.crash_count, job.fence) == (State.AVAILABLE, 0, held[0].fence + 1)
        assert session.scalars(sa.select(Worker)).all() == []


@pytest.fixture
def made(database: Database, data_dir: Path, tmp_path: Path) -> service.Made:
    """A backup of an SQLite newsroom of this version."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrations.versions()[-1]}')")
    made = service.make(tmp_path / "backups")
    database.close()
    return made


def test_a_damaged_file_is_refused(made: service.Made, tmp_path: Path) -> None:
    body = bytearray(made.path.read_bytes())
    (tmp_path / "cut").write_bytes(body[: len(body) // 2])
    plain = bytearray(gzip.decompress(bytes(body)))
    plain[5000] ^= 0xFF
    (tmp_path / "flipped").write_bytes(gzip.compress(bytes(plain)))
    (tmp_path / "letter").write_text("dear diary")
    for name in ("cut", "flipped", "letter", "absent"):
        with pytest.raises(BackupUnusable, match=name):
            restoring.verify(tmp_path / name)


def test_a_path_that_leads_out_of_the_backup_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil", "w:gz") as tar:
        archive._add_bytes(tar, "../../outside", b"hello")
    with pytest.raises(BackupUnusable, match="leads out"):
        restoring.verify(tmp_path / "evil")


def test_a_backup_of_a_later_version_is_refused(made: service.Made, tmp_path: Path) -> None:
    with tarfile.open(made.path) as old, tarfile.open(tmp_path / "later", "w:gz") as new:
        for info in old:
            body = old.extractfile(info)
            assert body is not None
            text = body.read()
            if info.name == archive.MANIFEST:
                text = json.dumps(json.loads(text) | {"migration": "9999"}).encode()
            archive._add_bytes(new, info.name, text)
    with pytest.raises(BackupTooNew, match="9999"):
        restoring.restore(tmp_path / "later", replace=True)


def test_rows_that_are_missing_after_restoring_are_noticed(made: service.Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_copies, "counts", lambda _path: made.manifest.counts | {"jobs": 7})
    with pytest.raises(BackupUnusable, match="the table jobs has 7 rows"):
        restoring.verify(made.path)


def test_a_backup_holds_no_key_and_names_the_one_it_needs(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: service.Made
) -> None:
    key = Fernet.generate_key().decode()
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", key)
    config.settings.cache_clear()
    sealed = service.make(tmp_path / "sealed")
    (prints,) = (sealed.manifest.vault,)
    assert prints == vault.fingerprints()
    assert key.encode() not in gzip.decompress(sealed.path.read_bytes())
    assert "STONEHAND_VAULT_KEYS" in sealed.manifest.settings
    monkeypatch.setenv("STONEHAND_VAULT_KEYS", Fernet.generate_key().decode())
    config.settings.cache_clear()
    database.close()
    assert restoring.restore(sealed.path, replace=True).missing_keys == prints


def test_only_the_newest_are_kept(made: service.Made) -> None:
    for number in range(1, 5):
        (made.path.parent / f"stonehand-2020010{number}T000000Z.backup.tar.gz").touch()
    (made.path.parent / "letter.txt").touch()
    gone = service.prune(made.path.parent, 2)
    assert [path.name[10:18] for path in gone] == ["20200103", "20200102", "20200101"]
    assert len(service.files(made.path.parent)) == 2
    assert (made.path.parent / "letter.txt").exists()


def test_a_place_that_cannot_be_written_is_named(made: service.Made, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(TargetUnfit, match="choose another folder"):
        service.make(tmp_path / "file" / "inside")


def test_the_daily_backup(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask() -> None:
        with database.transaction() as session:
            jobs.enqueue(session, "backups.make", {})
        run_all(database)

    def states() -> list[str]:
        with database.read() as session:
            return [each.state for each in queries.newest(session)]

    ask()
    assert states() == [], "off until a place is named"
    monkeypatch.setenv("STONEHAND_BACKUP_DIR", str(tmp_path / "daily"))
    config.settings.cache_clear()
    ask()
    assert states() == ["done"]
    (tmp_path / "in the way").touch()
    monkeypatch.setenv("STONEHAND_BACKUP_DIR", str(tmp_path / "in the way"))
    config.settings.cache_clear()
    ask()
    assert states() == ["failed", "done"]


def test_a_backup_that_takes_too_long_has_failed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_BACKUP_DIR", str(tmp_path))
    config.settings.cache_clear()
    task = declaration.find("backups.make")
    monkeypatch.setitem(declaration._tasks, task.name, replace(task, soft_limit=0.2))
    monkeypatch.setattr(service, "make", lambda _target: time.sleep(30))
    with database.transaction() as session:
        jobs.enqueue(session, "backups.make", {})
    run_all(database)
    with database.read() as session:
        (only,) = queries.newest(session)
    assert (only.state, only.error) == ("failed", "lasted longer than its limit of 0.2 s")


def test_tools_that_are_older_than_the_server_are_refused(
    postgres: Postgres, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    old.chmod(0o755)
    monkeypatch.setenv("STONEHAND_DATABASE_URL", postgres.make_database(db.new_id()))
    monkeypatch.setenv("STONEHAND_POSTGRES_TOOLS", str(tmp_path))
    config.settings.cache_clear()
    with pytest.raises(ToolsUnfit, match=r"is of PostgreSQL 9, but PostgreSQL \d+ needs pg_dump .*POSTGRES_TOOLS"):
        service.make(tmp_path / "backups")
