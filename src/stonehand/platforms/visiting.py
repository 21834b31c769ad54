"""Work at a site, as one of its logins: what a job calls, with no transaction open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Database
from stonehand.platforms import sealing, sessions
from stonehand.platforms.interfaces import Cookie, PlatformKind, SessionOver, Visit
from stonehand.platforms.kinds import plugin
from stonehand.platforms.models import Session, SessionState
from stonehand.platforms.sessions import Ticket

T = TypeVar("T")
ROUGHLY = 600.0  # seconds within which it does not matter when a cookie ends
Work = Callable[[PlatformKind, Visit], T]


def at(database: Database, login_id: str, work: Work[T], patience: float = sessions.PATIENCE) -> T:
    """Do this work as the login. Where the session turns out to be over, sign in once more and do it again.

    So the work must bear being begun again; a comment does, with its notes. Raises what `sessions.ticket` and the
    plugin raise: `SignInUnderWay`, if another worker signs in and does not end within `patience` seconds.
    """
    held = sessions.ticket(database, login_id, patience)
    try:
        return _done(database, held, work)
    except SessionOver:
        with database.transaction() as session:
            sessions.end(session, login_id, "the site had ended it", held.session_id)
    return _done(database, sessions.ticket(database, login_id), work)


def _done(database: Database, held: Ticket, work: Work[T]) -> T:
    visit = sessions.visit_of(database, held)
    before = list(visit.jar)
    try:
        return work(plugin(held.kind), visit)
    finally:
        if _tell_apart(visit.jar) != _tell_apart(before):
            _keep(database, held, visit)


def _tell_apart(jar: Sequence[Cookie]) -> set[tuple[str, str, str, int]]:
    """What makes cookies worth keeping anew. Many sites put off their end a little with every page."""
    return {(each.name, each.value, each.path, int((each.expires or 0.0) // ROUGHLY)) for each in jar}


def _keep(database: Database, held: Ticket, visit: Visit) -> None:
    """The cookies as they are now. Who works beside us may keep others: any of them are good."""
    jar = sealing.jar(visit.jar, held.login_id, held.base_url)
    with database.transaction() as session:
        mine = sa.update(Session).where(Session.id == held.session_id, Session.state == SessionState.ACTIVE)
        session.execute(mine.values(jar=jar, validated_at=db.now(session)))
