"""A look at a site as each login of a process. What one of them is refused is of no concern to the others."""

from __future__ import annotations

from itertools import chain

from stonehand import db
from stonehand.comments import discovery
from stonehand.comments.discovery import Found, Plan, Seen, Visitor
from stonehand.comments.signals import SIGNALS
from stonehand.errors import StonehandError
from stonehand.jobs import Attempt
from stonehand.platforms import choices, visiting
from stonehand.platforms.errors import SignInUnderWay
from stonehand.platforms.interfaces import PlatformKind, Visit
from stonehand.platforms.sessions import PATIENCE


def look_as_each(attempt: Attempt, plan: Plan) -> tuple[list[Found], dict[str, str]]:
    """What was found, and by the names of logins what kept them from looking."""
    found: list[Found] = []
    troubles: dict[str, str] = {}
    later: list[Visitor] = []
    for visitor, patience in chain(((each, 0.0) for each in plan.visitors), ((each, PATIENCE) for each in later)):
        attempt.check_cancelled()
        try:
            seen = _seen(plan, visitor, patience)
        except StonehandError as error:
            if isinstance(error, SIGNALS):
                raise
            if isinstance(error, SignInUnderWay) and not patience:
                later.append(visitor)  # another process is just signing it in; meanwhile we look as the others
            else:
                troubles[visitor.name] = str(error)
            continue
        with attempt.write() as session:
            choices.keep(session, visitor.id, seen.listing)
            kept = discovery.record(session, plan, seen)
        if kept is None:
            break
        found.append(kept)
    return found, troubles


def _seen(plan: Plan, visitor: Visitor, patience: float) -> Seen:
    def look(kind: PlatformKind, visit: Visit) -> Seen:
        listing = kind.articles(visit, plan.filters)
        return Seen(visitor, visit.name, listing)

    return visiting.at(db.database(), visitor.id, look, patience)
