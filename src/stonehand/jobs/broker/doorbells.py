"""Doorbells: the only thing that travels through the broker. Lost, doubled or late, they do no harm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache
from itertools import takewhile
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from stonehand import log
from stonehand.db import Session, clock, database, dialect, insert, insert_by
from stonehand.errors import StonehandError
from stonehand.jobs import turns
from stonehand.jobs.models import Doorbell, Job
from stonehand.jobs.states import State
from stonehand.jobs.turns import Place

UNANSWERED = timedelta(seconds=10)  # after which a ring counts as lost
PATIENCE = 0.2  # seconds that accepting work may wait for the broker
NOTHING_KNOWN: Mapping[str, datetime] = MappingProxyType({})
HEAD_START = 0.01  # seconds in which a worker that was woken has the machine and the database to itself
QUIET_AFTER_FAILURE = 5.0  # seconds without trying a broker that did not answer

Press = Callable[[str], None]
AtOnce = Callable[[Iterable[str]], None]
_press: Press | None = None
_at_once: AtOnce | None = None
_quiet_until = 0.0
_pressed = threading.Event()  # whether the broker has taken, or refused, what was last rung
_pressed.set()


def connect(press: Press) -> None:
    """Say how a bell is pressed: the Celery engine does it by a message on the queue of that name."""
    global _press  # noqa: PLW0603  one wire a process
    _press = press


def answer_at_once(deed: AtOnce | None) -> None:
    """Say that whoever rings does the work as well, through no broker."""
    global _at_once  # noqa: PLW0603
    _at_once = deed


def ring(queues: Iterable[str], silent: Mapping[str, datetime] = NOTHING_KNOWN) -> None:
    """Ring each queue that has no unanswered ring; of those in `silent` this is known since that moment.

    A broker that is down is left alone; the sweeper rings later. It takes `PATIENCE` at most for the broker and never
    fails: what was asked for is committed, and its caller must not hear otherwise.
    """
    wanted = sorted(set(queues))
    if _at_once is not None:
        _at_once(wanted)
        return
    if _press is None or time.monotonic() < _quiet_until or not _pressed.is_set() or not wanted:
        return
    unsure = [queue for queue in wanted if queue not in silent]
    try:
        _ring_patiently({**silent, **(_silent_of(unsure) if unsure else {})})
    except StonehandError as error:
        log.logger(__name__).warning("cannot ring now", queues=wanted, error=str(error))


def _silent_of(queues: list[str]) -> dict[str, datetime]:
    with database().read() as session:
        places = {queue: turns.look(session, queue, "") for queue in queues}
    return {queue: places[queue].moment for queue in queues if is_silent(places[queue])}


def is_silent(place: Place) -> bool:
    """Whether the queue has no unanswered ring."""
    if place.rung_at is None or (place.answered_at and place.answered_at >= place.rung_at):
        return True
    return abs(place.moment - place.rung_at) > UNANSWERED  # lost; or later than now: the clock was set back


def _ring_patiently(queues: Mapping[str, datetime]) -> None:
    global _pressed  # noqa: PLW0603
    if queues:
        _pressed = threading.Event()
        threading.Thread(target=_press_all, args=(queues, _pressed), name="doorbell", daemon=True).start()
        _pressed.wait(PATIENCE)


def _press_all(queues: Mapping[str, datetime], pressed: threading.Event) -> None:
    """Press, and when the worker that wakes has had its start, write down that it was rung: until then, and when two
    press at once, it rings again, which does no harm.
    """
    try:
        rung = list(takewhile(_try_press, queues))
    finally:
        pressed.set()
    if rung:
        time.sleep(HEAD_START)
        with suppress(StonehandError):
            _write_down({queue: queues[queue] for queue in rung})


def _write_down(rung: Mapping[str, datetime]) -> None:
    """The moment is that at which the queue was looked at, before the press: it is never later than an answer."""
    rows = [{"queue": queue, "rung_at": moment, "turn": 0} for queue, moment in rung.items()]
    with database().transaction(durable=False) as session:
        statement = insert(session, Doorbell).values(rows)
        said = {"rung_at": statement.excluded.rung_at}
        session.execute(statement.on_conflict_do_update(index_elements=["queue"], set_=said))


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
