"""Whose turn it is: jobs of different fair keys take turns, however many one key has waiting.

Start-time fair queueing (Goyal, Vin, Cheng 1996): a queue has a virtual time, the greatest turn that was claimed. A new
job gets the turn after the last one that waits of its key, and never one that has passed. Claims go by turn, so a key
that asks for one job waits for one job of each other key, not for a flood of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session, clock
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import State

Row = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """How a queue stands for one key: the last turn that is taken, the moment, and when its bell was last rung."""

    turn: int
    moment: datetime
    rung_at: datetime | None
    answered_at: datetime | None


def assign(session: Session, rows: Iterable[Row]) -> dict[str, Place]:
    """Give each row, which names its `queue` and `fair_key`, its `turn`; rows of one key keep their order.

    Returns how each queue stands, which was read on the way.
    """
    places = {}
    for (queue, fair_key), group in groupby(sorted(rows, key=_lane), key=_lane):
        place = places[queue] = look(session, queue, fair_key)
        for number, row in enumerate(group, start=1):
            row["turn"] = place.turn + number
    return places


def _lane(row: Row) -> tuple[str, str]:
    return row["queue"], row["fair_key"]


def look(session: Session, queue: str, fair_key: str) -> Place:
    """How the queue stands now, in one question."""
    mine, turn, moment, rung_at, answered_at = (
        session.connection().execute(_LOOK, {"the_queue": queue, "the_key": fair_key}).one()
    )
    return Place(max(mine or 0, turn or 0), moment, rung_at, answered_at)


def _looking() -> sa.Select[Any]:
    waiting = sa.select(sa.func.max(Job.turn)).where(
        Job.queue == sa.bindparam("the_queue"),
        Job.fair_key == sa.bindparam("the_key"),
        Job.state == State.AVAILABLE,
    )
    here = sa.select(clock().label("moment")).subquery("here")
    bell = Doorbell.queue == sa.bindparam("the_queue")
    return (
        sa.select(waiting.scalar_subquery(), Doorbell.turn, here.c.moment, Doorbell.rung_at, Doorbell.answered_at)
        .select_from(here)
        .outerjoin(Doorbell, bell)
    )


_LOOK = _looking()
