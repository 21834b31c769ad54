"""Asking a site in its turn: one pace for all workers, and no redirect is followed for us."""

from __future__ import annotations

import time

from stonehand import http_client
from stonehand.db import Database
from stonehand.http_client import HostUnavailable, Reply, Request
from stonehand.limits import paces, pacing
from stonehand.platforms.errors import NotOurTurn
from stonehand.platforms.interfaces import Ask


def asker(database: Database, interval: float) -> Ask:
    """Asks with at least so many seconds between two questions, or more where a person wants it for the host."""

    def ask(request: Request) -> Reply:
        host = pacing.host_of(request.url)
        _wait(database, host, interval)
        try:
            return http_client.fetch(request)
        except HostUnavailable as error:
            if error.retry_after:
                _leave_alone(database, host, error.retry_after)
            raise

    return ask


def _wait(database: Database, host: str, interval: float) -> None:
    with database.transaction(durable=False) as session:
        wished = paces.interval(session, f"host:{host}")
        wait = pacing.reserve_every(session, host, max(interval, wished or 0.0))
    if wait > pacing.HORIZON:
        raise NotOurTurn(f"{host} has no turn for us before {wait:.0f} s", wait)
    time.sleep(wait)


def _leave_alone(database: Database, host: str, seconds: float) -> None:
    with database.transaction(durable=False) as session:
        pacing.defer(session, host, seconds)
