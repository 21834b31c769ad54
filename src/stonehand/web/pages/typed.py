"""What people type into forms: texts that can be kept, and numbers that are meant."""

from __future__ import annotations

from stonehand.errors import Rejected

SAFE = r"^[^\x00]*$"  # PostgreSQL keeps no zero byte


class Mistyped(Rejected):
    """What was typed is no number."""


def whole(text: str, what: str) -> int:
    """A whole number. Raises `Mistyped`."""
    if not text.strip().isdecimal():
        raise Mistyped(f"{what} is {text.strip()[:40]!r}; give a whole number")
    return int(text)


def number(text: str, what: str) -> float:
    """A number, with a point or a comma. Raises `Mistyped`."""
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        raise Mistyped(f"{what} is {text.strip()[:40]!r}; give a number such as 0.2") from None
