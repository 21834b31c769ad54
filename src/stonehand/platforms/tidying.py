"""Sessions that are of no use any more: first without cookies, then a number of a day."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.platforms.models import Session, SessionDay, SessionState

KEPT = timedelta(days=30)  # after its end, before a session is only a number


def expire(session: db.Session) -> int:
    """End every session whose time is over; its cookies are gone. Returns how many."""
    moment = db.now(session)
    over = (
        sa.update(Session)
        .where(Session.state == SessionState.ACTIVE, Session.expires_at <= moment)
        .values(state=SessionState.OVER, why="its time was over", ended_at=moment, jar="")
        .returning(Session.id)
    )
    return len(session.scalars(over).all())


def archive(session: db.Session) -> int:
    """Turn sessions that ended long ago into a number for each login and day. Returns how many."""
    old = sa.and_(Session.state == SessionState.OVER, Session.ended_at < db.now(session) - KEPT)
    gone = session.execute(sa.delete(Session).where(old).returning(Session.login_id, Session.created_at)).all()
    counted = Counter((login_id, f"{created_at:%Y-%m-%d}") for login_id, created_at in gone)
    for (login_id, day), number in counted.items():
        row = db.insert(session, SessionDay).values(login_id=login_id, day=day, sessions=number)
        more = {"sessions": SessionDay.sessions + number}
        session.execute(row.on_conflict_do_update(index_elements=["login_id", "day"], set_=more))
    return len(gone)
