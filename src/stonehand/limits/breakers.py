"""Circuit breakers that hold over all workers: who does not answer is left alone, and tried again by one at a time.

CLOSED: everybody may ask. After `THRESHOLD` failures in a row: OPEN, nobody may. When its pause is over: HALF_OPEN, one
probe may go, taken by a conditional update; if it is answered the breaker closes, if not it opens for longer
(Nygard, "Release It!", 2007, ch. 5). A person may hold a breaker open. All times are the database's.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import sqlalchemy as sa

from stonehand import db, log
from stonehand.db import Session
from stonehand.limits.errors import BreakerNotFound, BreakerOpen
from stonehand.limits.models import Breaker
from stonehand.limits.names import named, shown

THRESHOLD = 5  # failures in a row
COOLDOWN = 60.0  # seconds until the first probe
LONGEST = 900.0  # seconds between two probes
JITTER = 0.2  # of a pause, so that what failed together is not tried together
PROBE_PATIENCE = 120.0  # seconds after which a probe that never reports is given up
HELD_PAUSE = 600.0  # seconds between two looks whether a person still holds it
LONGEST_ERROR = 300


class State(StrEnum):
    """Of a breaker."""

    CLOSED = "CLOSED"
    OPEN = "OPEN"
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True)
class Pass:
    """Leave to ask once. `failures` are those in a row so far; `probe` is until when this is the only one."""

    name: str
    failures: int = 0
    probe: float | None = None

    @property
    def is_clear(self) -> bool:
        """Whether a good answer changes nothing."""
        return not self.failures and self.probe is None


def pause_after(failures: int, draw: float) -> float:
    """Seconds until the next probe: doubled with each one that failed, capped, and then up to a fifth longer."""
    doubled = COOLDOWN * 2.0 ** min(max(failures - THRESHOLD, 0), 16)
    return min(doubled, LONGEST) * (1 + JITTER * draw)


def look(session: Session, names: Collection[str]) -> dict[str, Pass | BreakerOpen | None]:
    """For each name: leave to ask, the reason why not, or None where a probe is due and may be taken."""
    noted = sa.select(Breaker).where(Breaker.name.in_(list(names)))
    rows = session.scalars(noted.where(sa.or_(Breaker.state != State.CLOSED, Breaker.failures > 0))).all()
    found: dict[str, Pass | BreakerOpen | None] = {name: Pass(name) for name in names}
    if rows:
        now = db.now(session).timestamp()
        found |= {row.name: _verdict(row, now) for row in rows}
    return found


def refusals(session: Session, names: Collection[str]) -> dict[str, BreakerOpen]:
    """Those of these that would refuse now, with the reason. Takes nothing."""
    return {name: verdict for name, verdict in look(session, names).items() if isinstance(verdict, BreakerOpen)}


def _verdict(row: Breaker, now: float) -> Pass | BreakerOpen | None:
    if row.state == State.CLOSED:
        return Pass(row.name, row.failures)
    if row.held_by is None and row.probe_at <= now:
        return None
    return refusal(row, now)


def refusal(row: Breaker, now: float) -> BreakerOpen:
    """Why nothing may be asked now."""
    if row.held_by is not None:
        said = f"is paused by {row.held_by}; it goes on with: stonehand resume {row.name}"
        return BreakerOpen(row.name, shown(row.name), said, HELD_PAUSE)
    count = f"{row.failures} {'failure' if row.failures == 1 else 'failures'} in a row, last: {row.last_error}"
    if row.state == State.HALF_OPEN:
        said = f"did not answer ({count}); one request tries it now, the others wait"
    else:
        at = datetime.fromtimestamp(row.probe_at, UTC)
        said = f"does not answer ({count}); it is tried again at {at:%H:%M:%S} UTC"
    return BreakerOpen(row.name, shown(row.name), said, max(row.probe_at - now, 1.0))


def take_probe(session: Session, name: str) -> Pass | BreakerOpen:
    """Be the one that tries it, if it is time and nobody else was faster."""
    now = db.now(session).timestamp()
    until = now + PROBE_PATIENCE
    due = sa.update(Breaker).where(
        Breaker.name == name,
        Breaker.state.in_([State.OPEN, State.HALF_OPEN]),
        Breaker.held_by.is_(None),
        Breaker.probe_at <= now,
    )
    taken = due.values(state=State.HALF_OPEN, probe_at=until, changed_at=now).returning(Breaker.failures)
    failures = session.scalar(taken)
    if failures is not None:
        return Pass(name, failures, until)
    return look(session, [name])[name] or tried_by_another(name)


def tried_by_another(name: str) -> BreakerOpen:
    """Somebody else took the probe in this very moment."""
    return BreakerOpen(name, shown(name), "did not answer; one request tries it now, the others wait", 1.0)


def answered(session: Session, passed: Pass) -> None:
    """It answered: its failures are over, and after a probe it is open to all again."""
    mine = Breaker.state == State.CLOSED
    if passed.probe is not None:
        mine = _is_probed_by(passed)
    good = sa.update(Breaker).where(Breaker.name == passed.name, Breaker.held_by.is_(None), mine)
    changed = good.where(sa.or_(Breaker.failures > 0, Breaker.state != State.CLOSED))
    session.execute(changed.values(state=State.CLOSED, failures=0, changed_at=db.now(session).timestamp()))


def failed(session: Session, passed: Pass, reason: str) -> None:
    """It did not answer. What was asked before the breaker opened does not count any more."""
    now = db.now(session).timestamp()
    values = {"last_error": log.redact(reason)[:LONGEST_ERROR], "changed_at": now}
    pause = pause_after(passed.failures + 1, random.random())  # noqa: S311  jitter, not secrecy
    if passed.probe is not None:
        mine = sa.update(Breaker).where(Breaker.name == passed.name, _is_probed_by(passed))
        session.execute(mine.values(state=State.OPEN, failures=Breaker.failures + 1, probe_at=now + pause, **values))
        return
    row = db.insert(session, Breaker).values(name=passed.name, failures=1, **values)
    opens = Breaker.failures + 1 >= THRESHOLD
    change = {
        "failures": Breaker.failures + 1,
        "state": sa.case((opens, State.OPEN), else_=State.CLOSED),
        "opened_at": sa.case((opens, now), else_=Breaker.opened_at),
        "probe_at": sa.case((opens, now + pause), else_=Breaker.probe_at),
    }
    still_closed = Breaker.state == State.CLOSED
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=change | values, where=still_closed))


def give_back(session: Session, passed: Pass) -> None:
    """Nobody knows whether it answers: let another one probe."""
    if passed.probe is not None:
        mine = sa.update(Breaker).where(Breaker.name == passed.name, _is_probed_by(passed))
        now = db.now(session).timestamp()
        session.execute(mine.values(state=State.OPEN, probe_at=now, changed_at=now))


def _is_probed_by(passed: Pass) -> sa.ColumnElement[bool]:
    # No two probes of a breaker end at the same time, so the end tells whose it is, and a late one changes nothing.
    return sa.and_(Breaker.state == State.HALF_OPEN, Breaker.probe_at == passed.probe, Breaker.held_by.is_(None))


def hold(session: Session, name: str, by: str) -> None:
    """Keep it open until somebody resets it: nothing of it is asked any more."""
    now = db.now(session).timestamp()
    values = {"state": State.OPEN, "held_by": by[:120], "changed_at": now}
    row = db.insert(session, Breaker).values(name=name, opened_at=now, **values)
    session.execute(row.on_conflict_do_update(index_elements=["name"], set_=values))


def reset(session: Session, name: str) -> None:
    """Let everybody ask again, whatever happened before. Whoever waits behind its gate is woken by the caller."""
    change = sa.update(Breaker).where(Breaker.name == name)
    now = db.now(session).timestamp()
    session.execute(change.values(state=State.CLOSED, failures=0, held_by=None, changed_at=now))


def get(session: Session, target: str) -> Breaker:
    """The breaker of what a person names. Raises `BreakerNotFound`, `TargetUnknown`."""
    name = named(target)
    found = session.get(Breaker, name)
    if found is None:
        raise BreakerNotFound(f"there is no breaker {name}; it has one once it fails or is paused")
    return found


def every(session: Session) -> Sequence[Breaker]:
    """Every breaker that has something to tell, the open ones first, then the latest change."""
    is_closed = sa.case((Breaker.state == State.CLOSED, 1), else_=0)
    return session.scalars(sa.select(Breaker).order_by(is_closed, Breaker.changed_at.desc(), Breaker.name)).all()


def held(session: Session) -> Sequence[Breaker]:
    """Those that a person keeps open, by name."""
    return session.scalars(sa.select(Breaker).where(Breaker.held_by.is_not(None)).order_by(Breaker.name)).all()


def forget(session: Session, age: float) -> None:
    """Drop those of which nothing was heard for `age` seconds and that nobody holds."""
    before = db.now(session).timestamp() - age
    session.execute(sa.delete(Breaker).where(Breaker.changed_at < before, Breaker.held_by.is_(None)))
