"""The frame of every page, filled: how everything is in one sentence, and the counts beside the menu."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.channels import pausing
from stonehand.comments import waiting
from stonehand.db import Session, now
from stonehand.jobs import queries as jobs
from stonehand.jobs.limits import limit_queries
from stonehand.jobs.states import State
from stonehand.jobs.worker import presence
from stonehand.reviews import queries as reviews
from stonehand.sources import queries as sources
from stonehand.web.pages.parts import Chrome, Status
from stonehand.web.words import ago, number, plural

MOST = 1000  # a count beyond this is said as "1000 or more", so that no page waits for it
OVERDUE = timedelta(minutes=10)
DEAD = (State.DISCARDED, State.NEEDS_RECONCILE)
NOBODY = Chrome(Status(""))
"""The frame for people who have not signed in."""


@dataclass(frozen=True)
class Vitals:
    """What the sentence is made of. `looked_at` and `due_at` are of the latest look and of the earliest one due."""

    now: datetime
    workers: int
    waiting: int
    paused: tuple[str, ...] = ()
    broken: int = 0
    looked_at: datetime | None = None
    due_at: datetime | None = None


def chrome(session: Session, person: Person | None) -> Chrome:
    """The frame for `person`; empty for those who have not signed in."""
    if person is None:
        return NOBODY
    return Chrome(
        status=status(_vitals(session)),
        reviews=reviews.waiting(session, person.id),
        troubles=jobs.count_up_to(session, DEAD, MOST),
        comments=waiting.count_up_to(session, MOST),
        sample=sources.any_source(session, is_sample=True),
        stopped=stop.words if (stop := brakes.stop(session)) else "",
    )


def _vitals(session: Session) -> Vitals:
    looks = sources.looks(session)
    return Vitals(
        now=now(session),
        workers=len(presence.alive(session)),
        waiting=jobs.count_up_to(session, (State.AVAILABLE,), MOST),
        paused=_paused_now(session),
        broken=looks.broken,
        looked_at=looks.last_at,
        due_at=looks.due_at,
    )


def _paused_now(session: Session) -> tuple[str, ...]:
    targets = [each.target for each in limit_queries.paused(session)]
    channels = pausing.channel_names(session) if any(target.startswith("channel:") for target in targets) else {}
    return tuple(pausing.called(target, channels) for target in targets)


def status(vitals: Vitals) -> Status:
    """How everything is, what is wrong first."""
    waiting = _waiting(vitals.waiting)
    if not vitals.workers:
        return Status(f"No worker is running, so nothing moves; {waiting}. Start one: stonehand worker", "bad")
    if vitals.due_at and vitals.now - vitals.due_at > OVERDUE:
        return Status(f"A source should have been looked at {ago(vitals.due_at, vitals.now)}; {waiting}.", "bad")
    if vitals.paused:
        return Status(f"Somebody has paused the {_paused(vitals.paused)}; {waiting}.", "warn")
    work = f"{plural(vitals.workers, 'worker')}, {waiting}{_looked(vitals)}"
    if vitals.broken:
        return Status(f"{plural(vitals.broken, 'source')} cannot be read; {work}.", "warn")
    return Status(f"Everything is running: {work}.")


def _waiting(count: int) -> str:
    if not count:
        return "no job waits"
    return f"{number(count)}{' or more' if count >= MOST else ''} {'job waits' if count == 1 else 'jobs wait'}"


def _paused(targets: tuple[str, ...]) -> str:
    first = targets[0]
    return first if len(targets) == 1 else f"{first} and {number(len(targets) - 1)} more"


def _looked(vitals: Vitals) -> str:
    return f", last look at a source {ago(vitals.looked_at, vitals.now)}" if vitals.looked_at else ""
