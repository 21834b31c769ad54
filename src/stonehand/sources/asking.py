"""Asking a stranger's server politely: when it is our turn, and not when it wants to be left alone."""

from __future__ import annotations

import time
from collections.abc import Mapping

from stonehand import config, db, http_client
from stonehand.errors import StonehandError, Unavailable
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
        heed({request.url: error})
        raise


def heed(came: Mapping[str, Reply | StonehandError]) -> None:
    """Leave alone the hosts that ask for it. Answers are by the addresses that were asked."""
    wishes = [(url, said.retry_after) for url, said in came.items() if isinstance(said, HostUnavailable)]
    if any(seconds for _, seconds in wishes):
        with db.database().transaction() as session:
            for url, seconds in sorted((url, seconds) for url, seconds in wishes if seconds):
                pacing.defer(session, pacing.host_of(url), seconds)


def busy(url: str, wait: float) -> HostBusy:
    """That it will not be our turn at the host of an address for so many seconds."""
    return HostBusy(f"{pacing.host_of(url)} can be asked again in {wait:.0f} s", wait)


def _turn(host: str, patience: float) -> float:
    with db.database().transaction() as session:
        wait = pacing.reserve(session, host, config.settings().host_interval_seconds)
        if wait > patience:  # raised inside, so that the slot is given back
            raise HostBusy(f"{host} can be asked again in {wait:.0f} s", wait)
    return wait
