"""Questions about platforms, logins and sessions."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand import db
from stonehand.platforms.errors import LoginNotFound, PlatformNotFound
from stonehand.platforms.models import Login, LoginState, Platform, Session, SessionState


def platform(session: db.Session, platform_id: str) -> Platform:
    """A platform by id. Raises `PlatformNotFound`."""
    found = session.get(Platform, platform_id)
    if found is None:
        raise PlatformNotFound(f"there is no platform {platform_id}; it may have been removed")
    return found


def platform_called(session: db.Session, name: str) -> Platform:
    """A platform by name or id. Raises `PlatformNotFound`, naming those that exist."""
    found = session.scalar(sa.select(Platform).where(sa.or_(Platform.name == name, Platform.id == name)))
    if found is None:
        known = ", ".join(each.name for each in platforms(session)) or "none yet"
        raise PlatformNotFound(f"there is no platform called {name!r}; there are: {known}")
    return found


def platforms(session: db.Session) -> Sequence[Platform]:
    """All platforms, by name."""
    return session.scalars(sa.select(Platform).order_by(Platform.name)).all()


def login(session: db.Session, login_id: str) -> Login:
    """A login by id. Raises `LoginNotFound`."""
    found = session.get(Login, login_id)
    if found is None:
        raise LoginNotFound(f"there is no login {login_id}; it may have been removed")
    return found


def login_of(session: db.Session, platform_id: str, login_id: str) -> Login:
    """A login of this platform. Raises `LoginNotFound`."""
    found = login(session, login_id)
    if found.platform_id != platform_id:
        raise LoginNotFound(f"platform {platform_id} has no login {login_id}")
    return found


def login_called(session: db.Session, platform_id: str, username: str) -> Login:
    """A login by its username or id. Raises `LoginNotFound`, naming those that exist."""
    mine = logins(session, platform_id)
    for each in mine:
        if username in (each.username, each.id):
            return each
    known = ", ".join(each.username for each in mine) or "none yet"
    raise LoginNotFound(f"there is no login {username!r}; there are: {known}")


def logins(session: db.Session, platform_id: str = "") -> Sequence[Login]:
    """The logins of a platform, or of all, by name."""
    wish = sa.select(Login).order_by(Login.username)
    return session.scalars(wish.where(Login.platform_id == platform_id) if platform_id else wish).all()


def refused(session: db.Session) -> Sequence[tuple[Login, Platform]]:
    """Logins that their sites do not let in, with these."""
    wish = sa.select(Login, Platform).join(Platform, Platform.id == Login.platform_id)
    rows = session.execute(wish.where(Login.state == LoginState.REFUSED).order_by(Login.id))
    return [(row[0], row[1]) for row in rows]


def active(session: db.Session, login_id: str) -> Session | None:
    """The session of a login that can be used now."""
    is_active = sa.and_(Session.state == SessionState.ACTIVE, Session.expires_at > db.now(session))
    return session.scalar(sa.select(Session).where(Session.login_id == login_id, is_active))


def active_of_all(session: db.Session) -> dict[str, Session]:
    """The same for every login that has one."""
    is_active = sa.and_(Session.state == SessionState.ACTIVE, Session.expires_at > db.now(session))
    return {each.login_id: each for each in session.scalars(sa.select(Session).where(is_active))}
