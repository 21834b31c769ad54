"""Ids, which tell when they were made."""

from __future__ import annotations

from datetime import datetime

from uuid6 import uuid7


def new_id() -> str:
    """A UUIDv7 as text: unique everywhere, and sorts by the time it was made."""
    return str(uuid7())


def first_id(moment: datetime) -> str:
    """What every id that was made from this moment on is not less than."""
    stamp = f"{int(moment.timestamp() * 1000):012x}"
    return f"{stamp[:8]}-{stamp[8:]}-7000-8000-000000000000"
