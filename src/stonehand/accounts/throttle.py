"""How long to wait after how many failed attempts to sign in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

FORGET_AFTER = timedelta(hours=1)
"""A quiet time after which earlier failures no longer count."""


@dataclass(frozen=True)
class Patience:
    """So many attempts are free; then the wait doubles from one second up to `longest`."""

    free: int
    longest: timedelta

    def wait(self, attempts: int) -> timedelta:
        """The pause after the attempt number `attempts`."""
        over = attempts - self.free
        if over < 0:
            return timedelta(0)
        return min(timedelta(seconds=2 ** min(over, 20)), self.longest)


# An account's wait stays short, so that a stranger cannot lock its owner out for long.
ACCOUNT = Patience(free=5, longest=timedelta(minutes=1))
ADDRESS = Patience(free=20, longest=timedelta(minutes=15))
