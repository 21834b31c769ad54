"""Whether everything is stopped. Whoever sends something asks twice: before it begins, and right before it is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand import db
from stonehand.brakes.errors import Stopped
from stonehand.brakes.models import Brake
from stonehand.db import Session

EVERYTHING = "everything"
GATE = "brake:everything"
"""What jobs wait for while everything is stopped; letting go wakes them all."""
LOOK_AGAIN = 300.0  # seconds, should the gate be missed


@dataclass(frozen=True)
class Stop:
    """Who stopped everything, when and why."""

    by: str
    at: datetime
    reason: str

    @property
    def words(self) -> str:
        """In a sentence, without a full stop."""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.by} has stopped everything that leaves this machine{why}"


def stop(session: Session) -> Stop | None:
    """The stop that holds now, if there is one."""
    found = session.get(Brake, EVERYTHING, populate_existing=True)
    return Stop(found.pulled_by, found.pulled_at, found.reason) if found else None


def check(session: Session) -> None:
    """Raise `Stopped` while everything is stopped. For those who have a transaction open anyway."""
    found = stop(session)
    if found:
        raise Stopped(LOOK_AGAIN, found.words, GATE)


def check_now() -> None:
    """As `check`, with a look of its own at the database: right before something is sent."""
    with db.database().read() as session:
        check(session)
