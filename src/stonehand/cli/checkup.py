"""What `stonehand doctor` looks at. Nothing is made or changed by looking."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from stonehand import config, db, log, migrations, vault
from stonehand.errors import StonehandError
from stonehand.jobs import declaration, engine, presence
from stonehand.jobs import queries as jobs
from stonehand.nlp import embedding
from stonehand.sources import queries as sources

LITTLE_DISK = 500 * 2**20  # bytes
LONG_WAIT = 600  # seconds that a ready job may wait
Finding = tuple[bool, str]


@dataclass(frozen=True)
class Check:
    """Something that was looked at, and what was found. The sentence of what is wrong says how to mend it."""

    name: str
    ok: bool
    sentence: str


def run() -> list[Check]:
    """Look at everything. What cannot be looked at without a sound database is left out if there is none."""
    found = [_look(name, deed) for name, deed in ALWAYS.items()]
    sound = all(check.ok for check in found if check.name in ("data directory", "database", "migrations"))
    return found + [_look(name, deed) for name, deed in INSIDE.items() if sound]


def _look(name: str, deed: Callable[[], Finding]) -> Check:
    try:
        return Check(name, *deed())
    except (StonehandError, OSError) as error:
        return Check(name, False, f"{log.redact(str(error))}.")


def _data_dir() -> Finding:
    folder = config.settings().data_dir
    if not folder.is_dir():
        return False, f"{folder} does not exist; run: stonehand init"
    writable = os.access(folder, os.W_OK | os.X_OK)
    return writable, f"{folder} {'can' if writable else 'cannot'} be written."


def _disk() -> Finding:
    folder = config.settings().data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    words = f"{free // 2**20:,} MB are free"
    return free >= LITTLE_DISK, f"{words}." if free >= LITTLE_DISK else f"only {words}; make room."


def _database() -> Finding:
    file = _file()
    if file and not file.exists():
        return False, f"{file} does not exist; run: stonehand init"
    database = db.database()
    migrations.check_integrity(database)
    with database.read() as session:
        session.execute(sa.text("SELECT 1"))
    return True, f"{database.engine.dialect.name} answers, and is sound."


def _file() -> Path | None:
    address = sa.make_url(config.settings().database)
    return Path(address.database) if address.drivername.startswith("sqlite") and address.database else None


def _migrations() -> Finding:
    file = _file()
    if file and not file.exists():
        return False, "there is no database to look at."
    with log.quiet("alembic"):
        current = migrations.is_current(db.database())
    return current, "the database is of this version." if current else "it is of another version; run: stonehand init"


def _vault() -> Finding:
    settings = config.settings()
    if not settings.vault_keys.get_secret_value() and not (settings.data_dir / vault.FILE).exists():
        return True, "there is no key yet; the first secret will make one."
    usable = vault.open_sealed(vault.seal("whole", "doctor"), "doctor") == "whole"
    return usable, "the key seals and opens."


def _model() -> Finding:
    if embedding.name() == embedding.LEXICAL:
        return True, "the model's package is not installed; texts are compared by their words alone."
    path = config.settings().data_dir / "models" / embedding.FILE
    if path.is_file():
        return True, f"{embedding.name()} is there."
    return False, f"{path} is missing; run: stonehand init"


def _broker() -> Finding:
    return True, f"{engine.reach(3.0)} answers."


def _workers() -> Finding:
    with db.database().read() as session:
        alive = presence.alive(session)
    if not alive:
        return False, "no worker runs; start everything with `stonehand start`, or one with `stonehand worker`."
    unserved = [name for name in declaration.QUEUES if not any(name in worker.queues for worker in alive)]
    if unserved:
        return False, f"no worker serves {', '.join(unserved)}; start one: stonehand worker --queue {unserved[0]}"
    return True, f"{len(alive)} alive; together they serve every queue."


def _waiting() -> Finding:
    with db.database().read() as session:
        job = jobs.longest_waiting(session)
        moment = db.now(session)
    if job is None:
        return True, "nothing waits that could run."
    waited = int((moment - job.run_at).total_seconds())
    words = f"the longest waiting is {job.task}, for {waited} s"
    return waited < LONG_WAIT, f"{words}." if waited < LONG_WAIT else f"{words}; ask: stonehand job why {job.id}"


def _sources() -> Finding:
    with db.database().read() as session:
        troubled = [each for each in sources.in_trouble(session) if not each.is_sample]
    if not troubled:
        return True, "none is failing."
    first = troubled[0]
    return False, f"{len(troubled)} failing, first {first.title or first.url} ({first.id}): {first.last_error}"


ALWAYS: dict[str, Callable[[], Finding]] = {
    "data directory": _data_dir,
    "disk": _disk,
    "database": _database,
    "migrations": _migrations,
    "vault key": _vault,
    "model": _model,
    "broker": _broker,
}
INSIDE: dict[str, Callable[[], Finding]] = {"workers": _workers, "waiting jobs": _waiting, "sources": _sources}
