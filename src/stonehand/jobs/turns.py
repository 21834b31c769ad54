"""Whose turn it is: jobs of different fair keys take turns, however many one key has waiting.

Start-time fair queueing (Goyal, Vin, Cheng 1996): a queue has a virtual time, the greatest turn that was claimed. A new
job gets the turn after the last one that waits of its key, and never one that has passed. Claims go by turn, so a key
that asks for one job waits for one job of each other key, not for a flood of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import State

Row = dict[str, Any]


def assign(session: Session, rows: Iterable[Row]) -> None:
    """Give each row, which names its `queue` and `fair_key`, its `turn`; rows of one key keep their order."""
    for (queue, fair_key), group in groupby(sorted(rows, key=_lane), key=_lane):
        latest = _latest(session, queue, fair_key)
        for number, row in enumerate(group, start=1):
            row["turn"] = latest + number


def _lane(row: Row) -> tuple[str, str]:
    return row["queue"], row["fair_key"]


def _latest(session: Session, queue: str, fair_key: str) -> int:
    mine = sa.select(sa.func.max(Job.turn)).where(
        Job.queue == queue, Job.fair_key == fair_key, Job.state == State.AVAILABLE
    )
    passed = sa.select(Doorbell.turn).where(Doorbell.queue == queue)
    values = session.execute(sa.select(mine.scalar_subquery(), passed.scalar_subquery())).one()
    return max(value or 0 for value in values)
