"""Whose turn it is at their hosts, and asking in turn."""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar

from stonehand import config, http_client
from stonehand.db import Session
from stonehand.errors import StonehandError
from stonehand.http_client import Reply, Request, hurry
from stonehand.limits import pacing

PATIENCE = 2.0  # seconds a worker waits for its turn at a host; longer waits are slept in the queue
K = TypeVar("K", bound=Hashable)


def turns(session: Session, urls: Sequence[str | None]) -> list[float]:
    """Seconds until each address's turn at its host. A turn within `PATIENCE` is reserved; of later ones none is."""
    hosts = [pacing.host_of(url) if url else None for url in urls]
    steps = pacing.intervals(session, list({host for host in hosts if host}), config.settings().host_interval_seconds)
    full: dict[str, float] = {}
    return [_turn(session, host, steps[host], full) if host else 0.0 for host in hosts]


def _turn(session: Session, host: str, step: float, full: dict[str, float]) -> float:
    if not step:
        return 0.0
    if host in full:
        full[host] += step
        return full[host]
    with session.begin_nested() as reservation:
        wait = pacing.reserve_every(session, host, step)
        if wait > PATIENCE:
            full[host] = wait
            reservation.rollback()
    return wait


def ask(
    requests: Mapping[K, Request], waits: Mapping[K, float], hurried: bool, longest: float = hurry.MOST
) -> dict[K, Reply | StonehandError]:
    """What came for each question, each asked in its turn. No transaction may be open.

    If `hurried`, one whose host is slower than the others, or than `longest` seconds, comes to `StillSilent`.
    """
    outcomes: dict[K, Reply | StonehandError] = {}
    started = time.monotonic()
    for wait, wave in groupby(sorted(requests, key=lambda key: waits[key]), lambda key: waits[key]):
        time.sleep(max(0.0, started + wait - time.monotonic()))
        keys = list(wave)
        # Who waits for slow hosts waits for all of them at once: their time would add up otherwise.
        together = config.settings().fetch_concurrency if hurried else len(keys)
        replies = http_client.fetch_all([requests[key] for key in keys], together, hurried, longest)
        outcomes |= dict(zip(keys, replies, strict=True))
    return outcomes
