"""Jobs of platforms: trying a login out, and forgetting sessions."""

from __future__ import annotations

from stonehand import db
from stonehand.jobs import Attempt, task
from stonehand.platforms import sessions, tidying


@task("platforms.sign_in", queue="publishing", role="admin")
def sign_in(attempt: Attempt, login_id: str) -> None:
    """Find out whether the site lets a login in, signing in where there is no session that holds."""
    database = db.database()
    held = sessions.ticket(database, login_id)
    if not sessions.check(database, held):
        held = sessions.ticket(database, login_id)
    with attempt.finish() as session:
        attempt.note(session, {"login_id": login_id, "shown_as": held.shown_as})


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
