"""What the articles of a site can be filtered by: its tabs, categories and tasks, as each login has seen them last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from stonehand import db
from stonehand.platforms.interfaces import Choice, Listing
from stonehand.platforms.models import Login

KINDS = ("tabs", "categories", "tasks")
MOST, LONGEST = 200, 200  # choices of a kind, characters of each part


@dataclass(frozen=True)
class Offered:
    """All that the logins of a platform see, each once, in the order of the site."""

    tabs: tuple[Choice, ...] = ()
    categories: tuple[Choice, ...] = ()
    tasks: tuple[Choice, ...] = ()

    def name(self, kind: str, value: str) -> str:
        """What the site calls it; the value itself where nobody has seen that yet."""
        return next((each.name for each in getattr(self, kind) if each.id == value and each.name), value)


def keep(session: db.Session, login_id: str, seen: Listing) -> None:
    """Remember what a login sees. A page that offers nothing of a kind leaves what is known of it."""
    login = session.get(Login, login_id)
    if login is None:
        return
    told = {kind: _told(getattr(seen, kind)) for kind in KINDS if getattr(seen, kind)}
    known = {**login.choices, **told}
    if known != login.choices:
        login.choices = known


def _told(choices: Sequence[Choice]) -> list[list[str]]:
    return [[each.id[:LONGEST], each.name[:LONGEST]] for each in choices[:MOST]]


def offered(session: db.Session, platform_id: str) -> Offered:
    """What a platform offers."""
    return of_each(session, [platform_id]).get(platform_id, Offered())


def of_each(session: db.Session, platform_ids: Sequence[str]) -> dict[str, Offered]:
    """The same of many."""
    mine = sa.select(Login).where(Login.platform_id.in_(platform_ids)).order_by(Login.username)
    seen: dict[str, dict[str, dict[str, str]]] = {each: {kind: {} for kind in KINDS} for each in platform_ids}
    for login in session.scalars(mine):
        for kind in KINDS:
            for value, name in login.choices.get(kind, ()):
                seen[login.platform_id][kind].setdefault(value, name)
    return {key: Offered(**{kind: _choices(found) for kind, found in each.items()}) for key, each in seen.items()}


def _choices(found: dict[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, name) for value, name in found.items())
