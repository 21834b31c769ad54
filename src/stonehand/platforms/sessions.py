"""Sessions of logins: one sign-in serves all work of a login, over all workers.

Who signs in holds the login's lease, which is taken by one statement. Everybody else waits for the session that comes
of it. A site that fails is left alone for a while, and one that refuses the password is not asked again at all.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from stonehand import db
from stonehand.db import Database
from stonehand.errors import StonehandError, Unavailable
from stonehand.ids import new_id
from stonehand.platforms import errands, queries, sealing
from stonehand.platforms.errors import LoginStopped, SignInUnderWay
from stonehand.platforms.interfaces import Config, LoginRefused, PlatformKind, Visit
from stonehand.platforms.kinds import plugin
from stonehand.platforms.models import Login, LoginState, Session, SessionState
from stonehand.vault import KeyMissing

LEASE = timedelta(seconds=180)  # the longest that a sign-in takes, with its waits for turns
REST = 10.0  # seconds for which a site that failed at a sign-in is left alone
LASTING = timedelta(hours=24)  # of a session that the site does not end before
PATIENCE = 20.0  # seconds that a worker waits for another's sign-in
LOOK = 0.05  # seconds between two looks, the first time


@dataclass(frozen=True)
class Ticket:
    """What a job needs to be somebody at a site. `session_id` is empty before the sign-in."""

    login_id: str
    platform_id: str
    kind: str
    base_url: str
    config: Config
    interval: float
    username: str
    shown_as: str
    session_id: str = ""
    jar: str = ""


def ticket(database: Database, login_id: str, patience: float = PATIENCE) -> Ticket:
    """A ticket with a session, after a sign-in if there is none. Holds no transaction while it waits.

    Raises `LoginRefused`, `LoginStopped`, `SignInUnderWay`, and what the plugin's `sign_in` raises.
    """
    with database.read() as session:
        found = _found(session, login_id)
    if found.session_id:
        return found
    holder, look, end = new_id(), LOOK, time.monotonic() + patience
    while True:
        with database.transaction() as session:
            found = _found(session, login_id)
            is_ours = not found.session_id and _leased(session, login_id, holder)
            if is_ours:
                found = _looked_again(session, login_id, holder)
        if found.session_id:
            return found
        if is_ours:
            return _signed_in(database, found, holder)
        if time.monotonic() >= end:
            raise SignInUnderWay(f"{found.username} is being signed in at {found.base_url}, or was in vain", REST)
        time.sleep(look)
        look = min(look * 1.5, 1.0)


def _found(session: db.Session, login_id: str) -> Ticket:
    login = queries.login(session, login_id)
    platform = queries.platform(session, login.platform_id)
    if login.state == LoginState.REFUSED:
        raise LoginRefused(f"{login.username} is refused by {platform.name}: {login.trouble}; enter the password again")
    if login.state == LoginState.OFF:
        raise LoginStopped(f"the login {login.username} of {platform.name} is switched off")
    base = Ticket(
        login.id,
        platform.id,
        platform.kind,
        platform.base_url,
        platform.config,
        platform.interval,
        login.username,
        login.shown_as,
    )
    active = queries.active(session, login_id)
    return replace(base, session_id=active.id, jar=active.jar) if active else base


def _leased(session: db.Session, login_id: str, holder: str) -> bool:
    moment = db.now(session)
    free = sa.or_(Login.leased_until.is_(None), Login.leased_until < moment)
    taken = (
        sa.update(Login)
        .where(Login.id == login_id, free)
        .values(holder=holder, leased_until=moment + LEASE, tried_at=moment)
        .returning(Login.id)
    )
    return session.scalar(taken) is not None


def _looked_again(session: db.Session, login_id: str, holder: str) -> Ticket:
    """The lease may have become free just because another's sign-in has ended: then that one serves us."""
    session.expire_all()
    found = _found(session, login_id)
    if found.session_id:
        _released(session, login_id, holder, None)
    return found


def _signed_in(database: Database, wanted: Ticket, holder: str) -> Ticket:
    """Sign in under the lease, and keep what comes of it."""
    with database.read() as session:
        sealed = queries.login(session, wanted.login_id).password
    try:
        password = sealing.opened_password(sealed, wanted.login_id, wanted.base_url)
        visit = visit_of(database, wanted)
        name = plugin(wanted.kind).sign_in(visit, password)
    except LoginRefused as error:
        _refuse(database, wanted, holder, str(error))
        raise
    except BaseException as error:
        _let_go(database, wanted, holder, error)
        raise
    return _kept(database, wanted, holder, visit, name)


def visit_of(database: Database, held: Ticket) -> Visit:
    """A visit with the cookies of a ticket. Raises `SecretUnreadable`."""
    cookies = sealing.opened_jar(held.jar, held.login_id, held.base_url) if held.jar else []
    ask = errands.asker(database, held.interval)
    return Visit(held.base_url, held.config, held.username, ask, cookies, held.shown_as)


def _kept(database: Database, wanted: Ticket, holder: str, visit: Visit, name: str) -> Ticket:
    """The session of this sign-in, unless the lease was lost meanwhile."""
    jar = sealing.jar(visit.jar, wanted.login_id, wanted.base_url)
    with database.transaction() as session:
        moment = db.now(session)
        if not _released(session, wanted.login_id, holder, None, shown_as=name, trouble=""):
            raise SignInUnderWay("the sign-in took so long that another worker has begun one", REST)
        end(session, wanted.login_id, "a newer sign-in")
        made = Session(
            login_id=wanted.login_id,
            jar=jar,
            created_at=moment,
            validated_at=moment,
            expires_at=_expiry(visit, moment),
        )
        session.add(made)
        session.flush()
    return replace(wanted, session_id=made.id, jar=jar, shown_as=name)


def _expiry(visit: Visit, moment: datetime) -> datetime:
    """A day, or less where every cookie that has an end ends before."""
    ends = [each.expires for each in visit.jar if each.expires is not None]
    seconds = max(ends) - moment.timestamp() if ends else LASTING.total_seconds()
    return moment + timedelta(seconds=min(max(seconds, 0.0), LASTING.total_seconds()))


def _released(session: db.Session, login_id: str, holder: str, until: datetime | None, **said: object) -> bool:
    given = (
        sa.update(Login)
        .where(Login.id == login_id, Login.holder == holder)
        .values(holder="", leased_until=until, **said)
        .returning(Login.id)
    )
    return session.scalar(given) is not None


def _refuse(database: Database, wanted: Ticket, holder: str, reason: str) -> None:
    with database.transaction() as session:
        _released(
            session,
            wanted.login_id,
            holder,
            None,
            state=LoginState.REFUSED,
            trouble=reason[:500],
            refused_at=db.now(session),
        )


def _let_go(database: Database, wanted: Ticket, holder: str, error: BaseException) -> None:
    """Nobody tries for a while: the site's own wish, or ours. Another worker may have the key that we miss."""
    asked = error.retry_after if isinstance(error, Unavailable) else None
    words = str(error)[:500] if isinstance(error, StonehandError) else type(error).__name__
    with database.transaction() as session:
        rest = db.now(session) + timedelta(seconds=max(asked or 0.0, REST))
        until = None if isinstance(error, KeyMissing) else rest
        _released(session, wanted.login_id, holder, until, trouble=words)


def end(session: db.Session, login_id: str, why: str, session_id: str = "") -> None:
    """End the session of a login, perhaps only if it is still this one. Its cookies are gone at once."""
    wish = sa.update(Session).where(Session.login_id == login_id, Session.state == SessionState.ACTIVE)
    if session_id:
        wish = wish.where(Session.id == session_id)
    session.execute(wish.values(state=SessionState.OVER, why=why, ended_at=db.now(session), jar=""))


def check(database: Database, held: Ticket) -> bool:
    """Ask the site whether it still knows this session, and write down that it does, or end it."""
    kind: PlatformKind = plugin(held.kind)
    name = kind.who(visit_of(database, held))
    with database.transaction() as session:
        if name is None:
            end(session, held.login_id, "the site had ended it", held.session_id)
        else:
            session.execute(
                sa.update(Session).where(Session.id == held.session_id).values(validated_at=db.now(session))
            )
    return name is not None
