"""Doorbells: the only thing that travels through the broker. Lost, doubled or late, they do no harm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import takewhile

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session, clock, database, insert, now
from stonehand.errors import StonehandError
from stonehand.jobs.models import Doorbell

UNANSWERED = timedelta(seconds=10)  # after which a ring counts as lost
PATIENCE = 0.2  # seconds that accepting work may wait for the broker
QUIET_AFTER_FAILURE = 5.0  # seconds without trying a broker that did not answer

Press = Callable[[str], None]
_press: Press | None = None
_quiet_until = 0.0
_ringing = threading.Thread()


def connect(press: Press) -> None:
    """Say how a bell is pressed: the Celery engine does it by a message on the queue of that name."""
    global _press  # noqa: PLW0603  one wire a process
    _press = press


def ring(queues: Iterable[str]) -> None:
    """Ring each queue that has no unanswered ring. A broker that is down is left alone; the sweeper rings later.

    It takes `PATIENCE` at most for the broker and never fails: what was asked for is committed, and its caller must not
    hear otherwise.
    """
    wanted = sorted(set(queues))
    if _press is None or time.monotonic() < _quiet_until or _ringing.is_alive() or not wanted:
        return
    try:
        with database().read() as session:
            moment, silent = now(session), _silent(session, wanted)
    except StonehandError as error:
        log.logger(__name__).warning("cannot ring now", queues=wanted, error=str(error))
    else:
        _ring_patiently(silent, moment)


def _silent(session: Session, queues: list[str]) -> list[str]:
    moment = now(session)
    unanswered = sa.select(Doorbell.queue).where(
        Doorbell.queue.in_(queues),
        sa.or_(Doorbell.answered_at.is_(None), Doorbell.answered_at < Doorbell.rung_at),
        Doorbell.rung_at.between(moment - UNANSWERED, moment + UNANSWERED),  # later: the clock was set back
    )
    waiting = set(session.scalars(unanswered))
    return [queue for queue in queues if queue not in waiting]


def _ring_patiently(queues: list[str], moment: datetime) -> None:
    global _ringing  # noqa: PLW0603
    if queues:
        _ringing = threading.Thread(target=_press_all, args=(queues, moment), name="doorbell", daemon=True)
        _ringing.start()
        _ringing.join(PATIENCE)


def _press_all(queues: list[str], moment: datetime) -> None:
    """Press first, so that a worker wakes at once; then write down that it was rung, at a moment before the press.

    If two do so at once, it rings twice, which does no harm.
    """
    rung = list(takewhile(_try_press, queues))
    if not rung:
        return
    with suppress(StonehandError), database().transaction(durable=False) as session:
        statement = insert(session, Doorbell).values([{"queue": queue, "rung_at": moment, "turn": 0} for queue in rung])
        session.execute(statement.on_conflict_do_update(index_elements=["queue"], set_={"rung_at": moment}))


def _try_press(queue: str) -> bool:
    global _quiet_until  # noqa: PLW0603
    assert _press is not None
    try:
        _press(queue)
    except Exception as error:  # any broker, any failure: accepted work is safe without it
        _quiet_until = time.monotonic() + QUIET_AFTER_FAILURE
        log.logger(__name__).warning("broker does not answer", queue=queue, error=str(error))
        return False
    return True


def answer(session: Session, queue: str, turn: int) -> None:
    """A worker has heard the bell, and has claimed a job of this turn."""
    passed = sa.case((Doorbell.turn < turn, turn), else_=Doorbell.turn)
    moment = clock()  # later than any ring that is being written down just now
    statement = insert(session, Doorbell).values(queue=queue, rung_at=moment, answered_at=moment, turn=turn)
    session.execute(
        statement.on_conflict_do_update(index_elements=["queue"], set_={"answered_at": moment, "turn": passed})
    )
