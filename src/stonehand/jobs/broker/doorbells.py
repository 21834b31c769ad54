"""Doorbells: the only thing that travels through the broker. Lost, doubled or late, they do no harm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import takewhile
from typing import Any

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session, began_at, clock, database, dialect, insert, insert_by
from stonehand.errors import StonehandError
from stonehand.jobs import turns
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import State
from stonehand.jobs.turns import Place

UNANSWERED = timedelta(seconds=10)  # after which a ring counts as lost
PATIENCE = 0.2  # seconds that accepting work may wait for the broker
QUIET_AFTER_FAILURE = 5.0  # seconds without trying a broker that did not answer

Press = Callable[[str], None]
AtOnce = Callable[[Iterable[str]], None]
_press: Press | None = None
_at_once: AtOnce | None = None
_quiet_until = 0.0
_ringing = threading.Thread()


def connect(press: Press) -> None:
    """Say how a bell is pressed: the Celery engine does it by a message on the queue of that name."""
    global _press  # noqa: PLW0603  one wire a process
    _press = press


def answer_at_once(deed: AtOnce | None) -> None:
    """Say that whoever rings does the work as well, through no broker."""
    global _at_once  # noqa: PLW0603
    _at_once = deed


def ring(queues: Iterable[str], silent: Collection[str] = ()) -> None:
    """Ring each queue that has no unanswered ring; of those in `silent` this is known already.

    A broker that is down is left alone; the sweeper rings later. It takes `PATIENCE` at most for the broker and never
    fails: what was asked for is committed, and its caller must not hear otherwise.
    """
    wanted = sorted(set(queues))
    if _at_once is not None:
        _at_once(wanted)
        return
    if _press is None or time.monotonic() < _quiet_until or _ringing.is_alive() or not wanted:
        return
    unsure = [queue for queue in wanted if queue not in silent]
    try:
        _ring_patiently([*silent, *(_silent_of(unsure) if unsure else [])])
    except StonehandError as error:
        log.logger(__name__).warning("cannot ring now", queues=wanted, error=str(error))


def _silent_of(queues: list[str]) -> list[str]:
    with database().read() as session:
        places = {queue: turns.look(session, queue, "") for queue in queues}
    return [queue for queue in queues if is_silent(places[queue])]


def is_silent(place: Place) -> bool:
    """Whether the queue has no unanswered ring."""
    if place.rung_at is None or (place.answered_at and place.answered_at >= place.rung_at):
        return True
    return abs(place.moment - place.rung_at) > UNANSWERED  # lost; or later than now: the clock was set back


def _ring_patiently(queues: list[str]) -> None:
    global _ringing  # noqa: PLW0603
    if queues:
        _ringing = threading.Thread(target=_press_all, args=(queues,), name="doorbell", daemon=True)
        _ringing.start()
        _ringing.join(PATIENCE)


def _press_all(queues: list[str]) -> None:
    """Press first, so that a worker wakes at once; then write down that it was rung, unless it was answered meanwhile.

    If two do so at once, it rings twice, which does no harm.
    """
    began = time.monotonic()
    rung = list(takewhile(_try_press, queues))
    if not rung:
        return
    with suppress(StonehandError), database().transaction(durable=False) as session:
        moment = began_at(session) - timedelta(seconds=time.monotonic() - began)  # before the press
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


def answer(session: Session, queue: str, turn: int) -> bool:
    """A worker has heard the bell, and has claimed a job of this turn. Returns whether the queue has more to claim."""
    heard = {"the_queue": queue, "the_turn": turn}
    return bool(session.connection().scalar(_answering(dialect(session)), heard))


@cache
def _answering(name: str) -> Any:
    turn = sa.bindparam("the_turn", type_=sa.Integer())
    moment = clock()  # later than any ring that is being written down just now
    row = {"queue": sa.bindparam("the_queue"), "rung_at": moment, "answered_at": moment, "turn": turn}
    statement = insert_by(name, Doorbell).values(row)
    said = {"answered_at": moment, "turn": sa.case((Doorbell.turn < turn, turn), else_=Doorbell.turn)}
    more = sa.exists().where(Job.queue == sa.bindparam("the_queue"), Job.state == State.AVAILABLE)
    return statement.on_conflict_do_update(index_elements=["queue"], set_=said).returning(more)
