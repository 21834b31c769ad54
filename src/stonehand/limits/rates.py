"""Rates as people write them: `10/m`."""

from __future__ import annotations

from stonehand.limits.errors import RateUnusable

PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}


def interval(rate: str) -> float:
    """Seconds between two beginnings at a rate such as `10/m`; units s, m, h, d. Raises `RateUnusable`."""
    number, _, unit = rate.partition("/")
    try:
        count = float(number)
        seconds = PERIODS[unit.strip() or "s"]
    except (ValueError, KeyError):
        raise RateUnusable(f"{rate[:40]!r} is not a rate; write it like 10/m, with s, m, h or d") from None
    if not 0 < count < 1e6:
        raise RateUnusable(f"{rate[:40]!r}: the number must be above 0; pause what you want to stop")
    if len(rate) > 20:
        raise RateUnusable(f"{rate[:40]!r} is longer than a rate; write it like 10/m")
    return seconds / count
