"""Whether this process lives, and whether it could do its work."""

from __future__ import annotations

import shutil

import sqlalchemy as sa
from fastapi import APIRouter
from starlette.responses import JSONResponse

from stonehand import config, db, migrations
from stonehand.errors import StonehandError
from stonehand.web.deps import public

LEAST_FREE = 200 * 1024 * 1024  # bytes; below this SQLite and the raw pages soon have no room
router = APIRouter(tags=["health"], dependencies=[public])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Alive. Touches nothing outside this process."""
    return {"status": "alive"}


@router.get("/readyz")
def readyz() -> JSONResponse:
    """Database, migrations and disk; 503 with the reasons if one of them would stop work."""
    checks = {"database": _database(), "disk": _disk()}
    if checks["database"] == "ok":
        checks["migrations"] = _migrations()
    ready = all(found == "ok" for found in checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": checks}
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
