"""Asking a stranger's server politely: when it is our turn, and not when it wants to be left alone."""

from __future__ import annotations

import time

from stonehand import config, db, http_client
from stonehand.errors import Unavailable
from stonehand.http_client import HostUnavailable, Reply, Request
from stonehand.limits import pacing
from stonehand.limits.pacing import HORIZON


class HostBusy(Unavailable):
    """It will not be our turn at this host for a while; nothing was asked."""


def ask(request: Request, patience: float = HORIZON, hurried: bool = False) -> Reply:
    """Wait for the host's turn, at most `patience` seconds, then for its answer; no transaction may be open.

    Raises `HostBusy` with the wait, or the errors of `http_client`; if `hurried`, `StillSilent` after a few seconds.
    """
    host = pacing.host_of(request.url)
    wait = _turn(host, patience)
    if wait:
        time.sleep(wait)
    try:
        return http_client.fetch(request, hurried)
    except HostUnavailable as error:
        if error.retry_after:
            with db.database().transaction() as session:
                pacing.defer(session, host, error.retry_after)
        raise


def _turn(host: str, patience: float) -> float:
    with db.database().transaction() as session:
        wait = pacing.reserve(session, host, config.settings().host_interval_seconds)
        if wait > patience:  # raised inside, so that the slot is given back
            raise HostBusy(f"{host} can be asked again in {wait:.0f} s", wait)
    return wait
