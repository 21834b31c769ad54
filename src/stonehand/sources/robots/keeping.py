"""What robots.txt says, kept in the database for all workers: a day, or less where it could not be had."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import config, db
from stonehand.db import Session
from stonehand.limits import pacing
from stonehand.sources.robots import rules
from stonehand.sources.robots.answers import Answer
from stonehand.sources.robots.models import Kind, Robots
from stonehand.sources.robots.rules import Decision

SOONEST = timedelta(minutes=10)  # until a robots.txt is asked for again that could not be had
LATEST = timedelta(hours=4)
GIVEN_UP = timedelta(days=30)  # after which RFC 9309 (2.3.1.4) lets us go on as if there were none


def known(session: Session, places: Collection[str]) -> tuple[dict[str, Robots], set[str]]:
    """What is known of these files, by their address, and those that have to be asked for."""
    found = session.scalars(sa.select(Robots).where(Robots.place.in_(places))).all()
    moment = db.now(session)
    fresh = {each.place: each for each in found if each.expires_at > moment}
    return fresh, set(places) - fresh.keys()


def keep(session: Session, place: str, answer: Answer) -> Robots:
    """Keep what came. What could not be had anew goes on to count as it was."""
    moment, before = db.now(session), session.get(Robots, place)
    row = _failed(before, moment, answer) if answer.kind == Kind.UNREACHABLE else _answered(moment, answer)
    made = db.insert(session, Robots).values(place=place, **row)
    session.execute(made.on_conflict_do_update(index_elements=["place"], set_=row))
    if answer.kind != Kind.UNREACHABLE:
        pacing.ask_for_delay(session, pacing.host_of(place), rules.crawl_delay(answer.kind, answer.body))
    return Robots(place=place, **row)


def _answered(moment: datetime, answer: Answer) -> dict[str, Any]:
    expires = moment + timedelta(hours=config.settings().robots_hours)
    came = {"kind": str(answer.kind), "body": answer.body, "said": answer.said}
    return came | {"checked_at": moment, "expires_at": expires, "failing_since": None}


def _failed(before: Robots | None, moment: datetime, answer: Answer) -> dict[str, Any]:
    since = (before.failing_since if before else None) or moment
    failing = moment - since
    kind, body = (before.kind, before.body) if before else (Kind.UNREACHABLE, "")
    if failing >= GIVEN_UP and kind == Kind.UNREACHABLE:
        kind = Kind.ABSENT
    wait = min(max(SOONEST, failing, timedelta(seconds=answer.retry_after or 0.0)), LATEST)
    row = {"kind": str(kind), "body": body, "said": answer.said, "checked_at": moment}
    return row | {"expires_at": moment + wait, "failing_since": since}


def judge(found: Robots, url: str) -> Decision:
    """Whether an address of this site may be fetched."""
    return rules.judge(found.kind, found.body, found.said, url)


def forget(session: Session, place: str) -> None:
    """Ask for it anew when somebody wants to know."""
    session.execute(sa.delete(Robots).where(Robots.place == place))


def tidy(session: Session, now: datetime) -> int:
    """Forget the files of sites that nobody has asked for in a month. Returns how many."""
    old = sa.delete(Robots).where(Robots.expires_at < now - GIVEN_UP, Robots.failing_since.is_(None))
    return len(session.execute(old.returning(Robots.place)).all())
