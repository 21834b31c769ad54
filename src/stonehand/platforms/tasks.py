"""Jobs of platforms: trying a login out, and forgetting sessions."""

from __future__ import annotations

from stonehand import db
from stonehand.errors import Rejected
from stonehand.jobs import Attempt, task
from stonehand.platforms import choices, sessions, tidying, visiting
from stonehand.platforms.interfaces import Filters, Listing


@task("platforms.sign_in", queue="publishing", role="admin")
def sign_in(attempt: Attempt, login_id: str) -> None:
    """Find out whether the site lets a login in, signing in where there is no session that holds, and what it offers
    to filter articles by."""
    database = db.database()
    held = sessions.ticket(database, login_id)
    if not sessions.check(database, held):
        held = sessions.ticket(database, login_id)
    seen = _looked(login_id)
    with attempt.finish() as session:
        told = {"login_id": login_id, "shown_as": held.shown_as}
        if isinstance(seen, Listing):
            choices.keep(session, login_id, seen)
        attempt.note(session, told | ({} if isinstance(seen, Listing) else {"not_listed": seen}))


def _looked(login_id: str) -> Listing | str:
    """What the login sees; why not, which says nothing against its sign-in."""
    try:
        return visiting.at(db.database(), login_id, lambda kind, visit: kind.articles(visit, Filters()))
    except Rejected as error:
        return str(error)


@task("platforms.forget_expired", queue="maintenance", role="editor")
def forget_expired(attempt: Attempt) -> None:
    """End sessions whose time is over, with their cookies."""
    with attempt.finish() as session:
        attempt.note(session, {"sessions": tidying.expire(session)})


@task("platforms.archive_sessions", queue="maintenance", role="admin")
def archive_sessions(attempt: Attempt) -> None:
    """Keep of sessions that ended long ago only how many there were."""
    with attempt.finish() as session:
        attempt.note(session, {"sessions": tidying.archive(session)})
