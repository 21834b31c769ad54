"""Whether this process lives, and whether it could do its work."""

from __future__ import annotations

import shutil
import threading
import time

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.responses import JSONResponse

from stonehand import config, db, migrations, vault
from stonehand.errors import StonehandError
from stonehand.jobs.broker import engine
from stonehand.web.deps import public

LEAST_FREE = 200 * 1024 * 1024  # bytes; below this SQLite and the raw pages soon have no room
BROKER_PATIENCE = 1.0  # seconds
BROKER_FRESH = 5.0
router = APIRouter(tags=["health"], dependencies=[public])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Alive. Touches nothing outside this process."""
    return {"status": "alive"}


@router.get("/readyz")
def readyz() -> JSONResponse:
    """Database, migrations, key and disk; 503 with the reasons if one of them would stop work.

    Without the broker it is degraded but ready: what is asked for is accepted, and waits.
    """
    checks = {"database": _database(), "disk": _disk(), "key": _key()}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
    ready = all(found == "ok" for found in checks.values())
    checks["broker"] = _BROKER()
    words = "ready" if checks["broker"] == "ok" else "degraded"
    body = {"status": words if ready else "not ready", "checks": checks}
    return JSONResponse(body, 200 if ready else 503, headers={} if ready else {"Retry-After": "5"})


def _database() -> str:
    try:
        with db.database().read() as session:
            session.execute(sa.text("SELECT 1"))
    except StonehandError as error:
        return str(error)
    return "ok"


def _migrations() -> str:
    if migrations.is_current(db.database()):
        return "ok"
    return "the database has another shape than the program; restart Stonehand, each start brings it up to date"


def _disk() -> str:
    free = shutil.disk_usage(config.settings().data_dir).free
    if free < LEAST_FREE:
        return f"only {free // 1024 // 1024} MB are free in {config.settings().data_dir}; free some space"
    return "ok"


def _key() -> str:
    """The key need not be there yet, but if it is, it must open what it seals."""
    try:
        if vault.fingerprints():
            vault.open_sealed(vault.seal("ready", "readyz"), "readyz")
    except StonehandError as error:
        return str(error)
    return "ok"


class _Broker:
    """Whether the broker answers, asked every few seconds at most: asking one that is down takes time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._address, self._until, self._found = "", 0.0, ""

    def __call__(self) -> str:
        with self._lock:
            address = config.settings().broker
            if address != self._address or time.monotonic() > self._until:
                self._found = _ask_broker()
                self._address, self._until = address, time.monotonic() + BROKER_FRESH
            return self._found


def _ask_broker() -> str:
    try:
        engine.reach(BROKER_PATIENCE)
    except StonehandError as error:
        return str(error)
    return "ok"


_BROKER = _Broker()
