"""Asking sites for their robots.txt, politely, where it is not known."""

from __future__ import annotations

from stonehand import db
from stonehand.errors import StonehandError
from stonehand.http_client import Reply, Request
from stonehand.sources import asking
from stonehand.sources.robots import answers, keeping
from stonehand.sources.robots.errors import RobotsForbid, RobotsUnreachable
from stonehand.sources.robots.rules import Decision, Outcome, place_of

ACCEPT = "text/plain, */*;q=0.1"
MEND = (
    "leave it out, ask the site's owner, or let an administrator fetch the pages of its source nevertheless, "
    "with a reason: on the page of the source, or with `stonehand source robots ID --overrule REASON`"
)


def question(place: str) -> Request:
    """The question for a robots.txt."""
    return Request(place, accept=ACCEPT)


def require(url: str, patience: float, hurried: bool = False) -> Decision:
    """Leave to fetch one address; asks for its site's robots.txt if it is not known. No transaction may be open.

    Raises `RobotsForbid`, `RobotsUnreachable`, `HostBusy`, and what stands in the way of asking.
    """
    place = place_of(url)
    with db.database().read() as session:
        found, missing = keeping.known(session, {place})
    if missing:
        answer = answers.read(_ask(place, patience, hurried))
        if isinstance(answer, StonehandError):
            raise answer
        with db.database().transaction() as session:
            found = {place: keeping.keep(session, place, answer)}
    decision = keeping.judge(found[place], url)
    if (refusal := refused(decision)) is not None:
        raise refusal
    return decision


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
