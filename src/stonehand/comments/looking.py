"""A look at a site as each login of a process. What one of them is refused is of no concern to the others."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand import db
from stonehand.comments import discovery
from stonehand.comments.discovery import Found, Plan, Visitor
from stonehand.comments.signals import SIGNALS
from stonehand.errors import StonehandError
from stonehand.jobs import Attempt
from stonehand.platforms import visiting
from stonehand.platforms.interfaces import Card, PlatformKind, Visit


def look_as_each(attempt: Attempt, plan: Plan) -> tuple[list[Found], dict[str, str]]:
    """What was found, and by the names of logins what kept them from looking."""
    found: list[Found] = []
    troubles: dict[str, str] = {}
    for visitor in plan.visitors:
        attempt.check_cancelled()
        try:
            cards = _cards(plan, visitor)
        except StonehandError as error:
            if isinstance(error, SIGNALS):
                raise
            troubles[visitor.name] = str(error)
            continue
        with attempt.write() as session:
            kept = discovery.record(session, plan, visitor, cards)
        if kept is None:
            break
        found.append(kept)
    return found, troubles


def _cards(plan: Plan, visitor: Visitor) -> Sequence[Card]:
    def look(kind: PlatformKind, visit: Visit) -> Sequence[Card]:
        return kind.articles(visit, plan.filters).cards

    return visiting.at(db.database(), visitor.id, look)
