"""The hosts that a request comes to, and what to tell their circuit breakers afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import httpx2

from stonehand.db import DatabaseUnavailable
from stonehand.errors import Conflict, NotFound, Rejected, Unavailable
from stonehand.http_client.errors import HostUnavailable, StillSilent
from stonehand.http_client.messages import Reply, Request
from stonehand.limits import circuits, names
from stonehand.limits.breakers import Pass
from stonehand.limits.circuits import Outcome, Report
from stonehand.limits.errors import BreakerOpen, NotYet

NOWHERE = "host:malformed:0"  # asking it will say what is wrong


def outcome_of(error: BaseException | None) -> Outcome:
    """What an error says about who was asked: an answer that refuses us, also 429, is an answer."""
    if isinstance(error, (NotYet, DatabaseUnavailable, StillSilent)):
        return Outcome.UNKNOWN
    if isinstance(error, HostUnavailable) and error.code is not None and error.code < 500:
        return Outcome.ANSWERED
    if isinstance(error, Unavailable):
        return Outcome.FAILED
    is_refusal = isinstance(error, (Rejected, NotFound, Conflict))
    return Outcome.ANSWERED if error is None or is_refusal else Outcome.UNKNOWN


class Trail:
    """Where one request has come to. Every host but the last has answered: it sent us on."""

    def __init__(self, first: Pass | None) -> None:
        self._passes = [first] if first else []

    async def come_to(self, url: httpx2.URL) -> None:
        """Go on to another address. Raises `BreakerOpen` if its host may not be asked now."""
        name = names.host(str(url))
        if not self._passes or self._passes[-1].name == name:
            return
        (entered,) = await asyncio.to_thread(circuits.enter, [name])
        if isinstance(entered, BreakerOpen):
            raise entered
        self._passes.append(entered)

    def reports(self, ended: Reply | BaseException) -> list[Report]:
        """What each host's breaker should know."""
        error = ended if isinstance(ended, BaseException) else None
        outcome = outcome_of(error)
        if outcome is Outcome.UNKNOWN and isinstance(error, BreakerOpen):
            outcome = Outcome.ANSWERED  # by the last host that was asked; the next one was not
        before = [Report(passed, Outcome.ANSWERED) for passed in self._passes[:-1]]
        return before + [Report(passed, outcome, str(error or "")) for passed in self._passes[-1:]]


def begin(requests: Sequence[Request]) -> list[Trail | BreakerOpen]:
    """A trail for each request, or the reason why it may not be asked now."""
    wanted = [names.host(request.url) if request.breaker else NOWHERE for request in requests]
    entered = iter(circuits.enter([name for name in wanted if name != NOWHERE]))
    return [_trail(None if name == NOWHERE else next(entered)) for name in wanted]


def _trail(entered: Pass | BreakerOpen | None) -> Trail | BreakerOpen:
    return entered if isinstance(entered, BreakerOpen) else Trail(entered)
