"""Verbs of platforms and logins. Nobody here asks a site: signing in is a job's affair."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.http_client import AddressForbidden, UrlMalformed, hosts
from stonehand.platforms import queries, sealing, sessions
from stonehand.platforms.errors import AddressUnfit, DisclosureUnfit, LoginTaken, PermissionUnknown, PlatformNameTaken
from stonehand.platforms.interfaces import ConfigUnfit
from stonehand.platforms.kinds import plugin
from stonehand.platforms.models import Login, LoginState, Platform
from stonehand.platforms.schemas import LoginIn, PlatformChange, PlatformIn

LEAST_SAID = 8  # letters


def add(session: db.Session, person: Person, wish: PlatformIn) -> Platform:
    """A new platform.

    Raises `PlatformNameTaken`, `PermissionUnknown`, `AddressUnfit`, `ConfigUnfit`, `DisclosureUnfit`, `KindNotFound`.
    """
    person.require("admin")
    told = wish.model_dump()
    told["language"] = wish.language or _spoken(wish)
    values = told | _fit(wish.kind, told) | {"base_url": _address(wish.base_url), "created_at": db.now(session)}
    row = db.insert(session, Platform).values(id=db.new_id(), **values)
    made: Platform | None = session.scalars(row.on_conflict_do_nothing().returning(Platform)).one_or_none()
    if made is None:
        raise PlatformNameTaken(f"there is a platform called {values['name']!r}; choose another name")
    _record(session, person, "added", "platform", made.id, {"name": made.name, "permission": made.permission})
    return made


def _spoken(wish: PlatformIn) -> str:
    """The language of the preset, if there is one."""
    return next((each.language for each in plugin(wish.kind).presets if each.name == wish.config.get("preset")), "")


def change(session: db.Session, person: Person, platform_id: str, wish: PlatformChange) -> Platform:
    """Change a platform; its logins and sessions stay. What is on its way to the site goes by the new rules.

    Raises `PlatformNameTaken`, `PermissionUnknown`, `ConfigUnfit`, `DisclosureUnfit`.
    """
    person.require("admin")
    platform = queries.platform(session, platform_id)
    told = wish.model_dump(exclude_none=True)
    changes = told | _fit(platform.kind, told)
    named = sa.select(Platform.id).where(Platform.name == changes.get("name", ""), Platform.id != platform_id)
    if session.scalar(named) is not None:
        raise PlatformNameTaken(f"there is a platform called {changes['name']!r}; choose another name")
    for name, value in changes.items():
        setattr(platform, name, value)
    _record(session, person, "edited", "platform", platform_id, changes)
    return platform


def _fit(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told, tidied, as far as it was told."""
    tidy: dict[str, Callable[[Any], Any]] = {
        "name": _name,
        "permission": _permission,
        "disclosure": _disclosure,
        "config": lambda config: plugin(kind).validate(config),
    }
    return {name: tidied(told[name]) for name, tidied in tidy.items() if name in told}


def _name(text: str) -> str:
    name = _line(text)
    if not name:
        raise ConfigUnfit("a platform needs a name")
    return name


def _permission(text: str) -> str:
    if not text.strip():
        raise PermissionUnknown("say who of the site allows these comments, and when; without that, none are made")
    return text.strip()


def _disclosure(text: str) -> str:
    words = _line(text)
    if words and sum(letter.isalpha() for letter in words) < LEAST_SAID:
        raise DisclosureUnfit(f"{words!r} does not tell readers that a program writes; say it, or leave it empty")
    return words


def remove(session: db.Session, person: Person, platform_id: str) -> None:
    """Forget a platform with its logins and sessions. What was written there stays."""
    person.require("admin")
    platform = queries.platform(session, platform_id)
    _record(session, person, "removed", "platform", platform_id, {"name": platform.name})
    session.delete(platform)


def add_login(session: db.Session, person: Person, platform_id: str, wish: LoginIn) -> Login:
    """A new login, with its password sealed. Raises `LoginTaken`, `ConfigUnfit`."""
    person.require("admin")
    platform = queries.platform(session, platform_id)
    username = _line(wish.username)
    if not username or not wish.password:
        raise ConfigUnfit("a login needs its username and its password")
    login_id = db.new_id()
    row = db.insert(session, Login).values(
        id=login_id,
        platform_id=platform_id,
        username=username,
        password=sealing.password(wish.password, login_id, platform.base_url),
        state=LoginState.READY,
        created_at=db.now(session),
    )
    made: Login | None = session.scalars(row.on_conflict_do_nothing().returning(Login)).one_or_none()
    if made is None:
        raise LoginTaken(f"{platform.name} has a login called {username!r} already; change its password there")
    _record(session, person, "added", "login", login_id, {"platform": platform.name, "username": username})
    return made


def set_password(session: db.Session, person: Person, login_id: str, password: str) -> Login:
    """Another password, with which the login may try again."""
    person.require("admin")
    login = queries.login(session, login_id)
    if not password:
        raise ConfigUnfit("the password is empty")
    platform = queries.platform(session, login.platform_id)
    login.password = sealing.password(password, login_id, platform.base_url)
    _ready(session, login, "another password")
    _record(session, person, "changed the password of", "login", login_id, {"username": login.username})
    return login


def enable(session: db.Session, person: Person, login_id: str, is_enabled: bool) -> Login:
    """Let a login work again, with the password it has, or not."""
    person.require("admin")
    login = queries.login(session, login_id)
    if is_enabled:
        _ready(session, login, "")
    else:
        login.state = LoginState.OFF
        sessions.end(session, login_id, "switched off")
    _record(session, person, "switched on" if is_enabled else "switched off", "login", login_id, {})
    return login


def _ready(session: db.Session, login: Login, why: str) -> None:
    login.state, login.trouble, login.refused_at, login.leased_until, login.holder = (
        LoginState.READY,
        "",
        None,
        None,
        "",
    )
    if why:
        sessions.end(session, login.id, why)


def remove_login(session: db.Session, person: Person, login_id: str) -> None:
    """Forget a login and its sessions."""
    person.require("admin")
    login = queries.login(session, login_id)
    _record(session, person, "removed", "login", login_id, {"username": login.username})
    session.delete(login)


def try_out(session: db.Session, person: Person, login_id: str) -> str:
    """Let a job find out whether the site lets the login in. Returns the job."""
    person.require("admin")
    login = queries.login(session, login_id)
    _record(session, person, "tested", "login", login_id, {"username": login.username})
    return str(jobs.enqueue(session, "platforms.sign_in", {"login_id": login_id}))


def _address(given: str) -> str:
    """The site's address, without a trailing slash. A password inside it is refused, and a closed network's number."""
    text = given.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        parts, has_port = urlsplit(""), False
    unfit = parts.scheme not in ("http", "https") or not parts.hostname or not has_port
    if unfit or parts.username or parts.query or parts.fragment or parts.path:
        raise AddressUnfit(f"{text[:200]!r} is not the address of a site; write it like https://site.example.org")
    try:
        hosts.check_literal(text)
    except (AddressForbidden, UrlMalformed) as error:
        raise AddressUnfit(f"{text[:200]!r} cannot be used: {error}") from error
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _record(session: db.Session, person: Person, verb: str, kind: str, object_id: str, said: Mapping[str, Any]) -> None:
    accounts.record(session, person, verb, kind, object_id, dict(said))
