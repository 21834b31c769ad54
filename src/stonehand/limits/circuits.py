"""Asking past a breaker: what a process does before and after it asks somebody outside.

Unlike a room's service it opens its own short transactions, none of them while we wait for the answer. Where all is
well it reads once a second for each name and writes nothing. A database that is away keeps nobody from asking.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from weakref import WeakKeyDictionary

from stonehand import db, log
from stonehand.db import Database, Session
from stonehand.errors import StonehandError
from stonehand.limits import breakers
from stonehand.limits.breakers import Pass
from stonehand.limits.errors import BreakerOpen

FRESH = 1.0  # seconds for which a process trusts that nothing is wrong
REMEMBERED = 10_000  # names


class Outcome(StrEnum):
    """What became of asking."""

    ANSWERED = "answered"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Report:
    """What became of a pass, and why if it failed."""

    passed: Pass
    outcome: Outcome
    reason: str = ""


class _Memory:
    """What this process knows: which names were clear a moment ago, and which have failed here since."""

    def __init__(self) -> None:
        self._clear: dict[str, float] = {}
        self._doubted: set[str] = set()

    def is_clear(self, name: str) -> bool:
        return time.monotonic() - self._clear.get(name, -FRESH) < FRESH

    def note_clear(self, name: str) -> None:
        if len(self._clear) >= REMEMBERED:
            self._clear.clear()
        self._clear[name] = time.monotonic()

    def is_worth_writing(self, report: Report) -> bool:
        if report.outcome is Outcome.FAILED:
            return True
        if report.outcome is Outcome.UNKNOWN:
            return report.passed.probe is not None
        return not report.passed.is_clear or report.passed.name in self._doubted

    def note(self, report: Report) -> None:
        name = report.passed.name
        self._clear.pop(name, None)
        (self._doubted.add if report.outcome is Outcome.FAILED else self._doubted.discard)(name)

    def forget(self, name: str) -> None:
        self._clear.pop(name, None)


_memories: WeakKeyDictionary[Database, _Memory] = WeakKeyDictionary()


def _memory(database: Database) -> _Memory:
    return _memories.setdefault(database, _Memory())


def enter(names: Sequence[str]) -> list[Pass | BreakerOpen]:
    """Leave to ask each of these once, or the reason why not. Of several that would be a probe, one is it."""
    given = _given(set(names))
    answers: list[Pass | BreakerOpen] = []
    for name in names:
        verdict = given.get(name) or Pass(name)
        answers.append(verdict)
        if isinstance(verdict, Pass) and verdict.probe is not None:
            given[name] = breakers.tried_by_another(name)
    return answers


def _given(names: Collection[str]) -> dict[str, Pass | BreakerOpen]:
    database = db.database()
    memory = _memory(database)
    wanted = [name for name in names if not memory.is_clear(name)]
    try:
        given = _looked_up(database, wanted) if wanted else {}
    except StonehandError as error:
        log.logger(__name__).warning("cannot look at the breakers, so none holds", error=str(error))
        return {}
    for name, verdict in given.items():
        if isinstance(verdict, Pass) and verdict.is_clear:
            memory.note_clear(name)
    return given


def _looked_up(database: Database, names: Collection[str]) -> dict[str, Pass | BreakerOpen]:
    with database.read() as session:
        found = breakers.look(session, names)
    given = {name: verdict for name, verdict in found.items() if verdict is not None}
    for name in sorted(found.keys() - given.keys()):
        with database.transaction() as session:
            given[name] = breakers.take_probe(session, name)
    return given


def report(reports: Iterable[Report]) -> None:
    """Say what became of passes. What cannot be written is not worth an error: it is only about the next ones."""
    database = db.database()
    memory = _memory(database)
    worth = sorted((each for each in reports if memory.is_worth_writing(each)), key=lambda each: each.passed.name)
    if not worth:
        return
    for each in worth:
        memory.note(each)
    try:
        with database.transaction(durable=False) as session:
            for each in worth:  # in one order of names, so that two batches never deadlock
                _write(session, each)
    except StonehandError as error:
        log.logger(__name__).warning("cannot tell the breakers", error=str(error))


def _write(session: Session, each: Report) -> None:
    if each.outcome is Outcome.FAILED:
        breakers.failed(session, each.passed, each.reason)
    elif each.outcome is Outcome.ANSWERED:
        breakers.answered(session, each.passed)
    else:
        breakers.give_back(session, each.passed)


@contextmanager
def through(name: str, judge: Callable[[BaseException], Outcome]) -> Iterator[None]:
    """Ask once, inside the block. Raises `BreakerOpen` without asking."""
    (entered,) = enter([name])
    if isinstance(entered, BreakerOpen):
        raise entered
    try:
        yield
    except BaseException as error:
        report([Report(entered, judge(error), str(error))])
        raise
    report([Report(entered, Outcome.ANSWERED)])


def forget_soon(session: Session, name: str) -> None:
    """Somebody changes this breaker by hand: look again after the commit."""
    memory = _memory(db.database())
    db.after_commit(session, lambda: memory.forget(name))
