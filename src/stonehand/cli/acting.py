"""Who acts when a verb is typed: a user by `--as`, the only administrator, or the operator at the machine."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from stonehand.errors import Rejected

if TYPE_CHECKING:
    from stonehand.accounts.permissions import Person
    from stonehand.db import Session

as_option: Callable[[Any], Any] = click.option(
    "--as", "by", metavar="EMAIL", help="Who acts; the only administrator if not given."
)


_NAMED = f"{__name__}.named"


def named(permission: str) -> Callable[[Any], Any]:
    """`--as` for a verb that whoever sits at the machine may use without a name: `operator` is this user then.

    Raises `UserNotFound`, or `PermissionMissing` if the user does not hold `permission`.
    """

    def keep(ctx: click.Context, _: click.Parameter, email: str | None) -> None:
        if email and not ctx.resilient_parsing:
            from stonehand.cli import preparation

            with preparation.open_database().read() as session:
                found = person(session, email)
            found.require(permission)
            ctx.meta[_NAMED] = found

    words = "In whose name; that of whoever is at the machine if not given."
    return click.option("--as", metavar="EMAIL", expose_value=False, callback=keep, help=words)


class NobodyToAct(Rejected):
    """It is not clear in whose name this is done."""


def person(session: Session, email: str | None) -> Person:
    """The user of this address, or the only administrator. Raises `UserNotFound`, `NobodyToAct`."""
    from stonehand.accounts import queries

    if email:
        return queries.person_by_email(session, email)
    admins = [user for user in queries.users(session) if user.role == "admin" and user.is_active]
    if len(admins) == 1:
        return queries.person(admins[0])
    if not admins:
        raise NobodyToAct("there is no administrator yet; open the address that `stonehand setup-link` prints")
    raise NobodyToAct(f"say who acts, with --as; the administrators are {', '.join(user.email for user in admins)}")


def administrator(session: Session, email: str | None) -> Person:
    """Like `person`, but the operator as long as nobody has an account, so that the first one can be made here."""
    from stonehand.accounts import queries

    return operator() if not email and queries.setup_needed(session) else person(session, email)


def operator() -> Person:
    """Whoever types at the machine: they hold the database in their hands, so they may do everything.

    Of a verb with `named`, the user whom `--as` names.
    """
    from stonehand.accounts.permissions import PERMISSIONS, Person

    ctx = click.get_current_context(silent=True)
    if ctx and (found := ctx.meta.get(_NAMED)):
        return found  # type: ignore[no-any-return]
    try:
        name = getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        name = "somebody"
    return Person("", "", f"{name} at the command line", "operator", frozenset(PERMISSIONS))
