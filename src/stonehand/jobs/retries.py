"""What follows from an error: try again and when, or give up. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

from stonehand.errors import Conflict, NotFound, Rejected, Unavailable

BASE = 2.0  # seconds
CAP = 600.0  # seconds


@dataclass(frozen=True)
class Verdict:
    """Try again in `delay` seconds, or never if it is None."""

    delay: float | None


def backoff(failures: int, draw: float) -> float:
    """Exponential with full jitter (Brooker 2015, "Exponential Backoff and Jitter"): draw x min(cap, base x 2^n)."""
    return draw * min(CAP, BASE * 2.0 ** min(failures, 16))


def judge(error: BaseException, failures: int, max_retries: int, draw: float | None = None) -> Verdict:
    """`failures` counts this one. Only the world's errors and unforeseen ones are tried again."""
    if isinstance(error, (Rejected, NotFound, Conflict)) or failures > max_retries:
        return Verdict(None)
    delay = backoff(failures, random.random() if draw is None else draw)  # noqa: S311  jitter, not secrecy
    if isinstance(error, Unavailable) and error.retry_after is not None:
        delay = max(delay, min(error.retry_after, CAP * 6))
    return Verdict(delay)
