"""Asking sites for their robots.txt, politely, where it is not known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand import db
from stonehand.errors import StonehandError
from stonehand.http_client import Reply, Request
from stonehand.limits.pacing import HORIZON
from stonehand.sources import asking
from stonehand.sources.robots import answers, keeping
from stonehand.sources.robots.errors import RobotsForbid, RobotsUnreachable
from stonehand.sources.robots.models import Robots
from stonehand.sources.robots.rules import Decision, Outcome, crawl_delay, place_of

ACCEPT = "text/plain, */*;q=0.1"
MEND = (
    "leave it out, ask the site's owner, or let an administrator fetch the pages of its source nevertheless, "
    "with a reason: on the page of the source, or with `stonehand source robots ID --overrule REASON`"
)


def question(place: str) -> Request:
    """The question for a robots.txt."""
    return Request(place, accept=ACCEPT)


@dataclass(frozen=True)
class Said:
    """What a site says of one address, and since when and until when that counts."""

    decision: Decision
    crawl_delay: float
    checked_at: datetime
    expires_at: datetime


def consult(url: str, patience: float = HORIZON, hurried: bool = False, anew: bool = False) -> Said:
    """What the site says of one address; it is asked if that is not known. No transaction may be open.

    Raises `HostBusy`, and what stands in the way of asking.
    """
    place = place_of(url)
    with db.database().read() as session:
        known, missing = keeping.known(session, {place})
    found = _learn(place, patience, hurried) if missing or anew else known[place]
    delay = crawl_delay(found.kind, found.body)
    return Said(keeping.judge(found, url), delay, found.checked_at, found.expires_at)


def require(url: str, patience: float, hurried: bool = False) -> None:
    """Leave to fetch one address. Raises `RobotsForbid`, `RobotsUnreachable`, and as `consult` does."""
    said = consult(url, patience, hurried)
    error = refused(said.decision, (said.expires_at - said.checked_at).total_seconds())
    if error is not None:
        raise error


def _learn(place: str, patience: float, hurried: bool) -> Robots:
    answer = answers.read(place, _ask(place, patience, hurried))
    if isinstance(answer, StonehandError):
        raise answer
    with db.database().transaction() as session:
        return keeping.keep(session, place, answer)


def refused(decision: Decision, retry_after: float | None = None) -> RobotsForbid | RobotsUnreachable | None:
    """The decision as an error, with how to mend it; None if the page may be fetched."""
    if decision.may_fetch:
        return None
    if decision.outcome == Outcome.DISALLOWED:
        return RobotsForbid(decision, MEND)
    return RobotsUnreachable(decision.sentence(), retry_after)


def _ask(place: str, patience: float, hurried: bool) -> Reply | StonehandError:
    try:
        return asking.ask(question(place), patience, hurried)
    except StonehandError as error:
        return error
