"""The logins of a platform: who we are there."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.accounts.permissions import Person
    from stonehand.db import Session

COLUMNS = ("username", "shown_as", "state", "trouble", "tried_at", "id")


@click.group()
def login() -> None:
    """Who we are at a platform."""


password_option = click.option(
    *("--password-file", "file"),
    type=click.File(),
    help="Where the password is; - reads it from standard input; asked for if not given.",
)


def _password(file: IO[str] | None) -> str:
    return file.read().strip() if file else str(click.prompt("Password", hide_input=True, err=True))


@login.command("add")
@click.argument("name")
@click.argument("username")
@password_option
@as_option
@json_option
def add_login(name: str, username: str, file: IO[str] | None, by: str | None, as_json: bool) -> None:
    """Add a login. Its password is sealed and never shown."""
    from stonehand.cli import acting, preparation
    from stonehand.cli.platforms import checked
    from stonehand.platforms import queries, service
    from stonehand.platforms.schemas import LoginOut

    wish = checked("LoginIn", {"username": username, "password": _password(file)})
    with preparation.open_database().transaction() as session:
        found = queries.platform_called(session, name)
        made = LoginOut.model_validate(service.add_login(session, acting.person(session, by), found.id, wish))
    show(made if as_json else f"The login {made.username} is there. Try it: stonehand platform test", as_json)


@login.command("list")
@click.argument("name")
@json_option
def list_logins(name: str, as_json: bool) -> None:
    """List the logins of a platform."""
    from stonehand.cli import preparation
    from stonehand.platforms import queries
    from stonehand.platforms.schemas import LoginOut

    with preparation.open_database().read() as session:
        found = queries.logins(session, queries.platform_called(session, name).id)
        rows = [LoginOut.model_validate(each).model_dump(mode="json") for each in found]
    show(rows if as_json else [{key: row[key] for key in COLUMNS} for row in rows], as_json)


@login.command("password")
@click.argument("name")
@click.argument("username")
@password_option
@as_option
@json_option
def change_password(name: str, username: str, file: IO[str] | None, by: str | None, as_json: bool) -> None:
    """Give a login another password, with which it may try again. It is sealed and never shown."""
    from stonehand.cli.platforms import checked
    from stonehand.platforms import service

    password = checked("LoginChange", {"password": _password(file)}).password
    made = _of_login(name, username, by, partial(service.set_password, password=password))
    show(made if as_json else f"The login {username} has another password. Try it: stonehand platform test", as_json)


@login.command("on")
@click.argument("name")
@click.argument("username")
@as_option
@json_option
def switch_on(name: str, username: str, by: str | None, as_json: bool) -> None:
    """Let a login work again with the password that it has, also one that the site has refused."""
    from stonehand.platforms import service

    made = _of_login(name, username, by, partial(service.enable, is_enabled=True))
    show(made if as_json else f"The login {username} is on. Try it: stonehand platform test", as_json)


@login.command("off")
@click.argument("name")
@click.argument("username")
@as_option
@json_option
def switch_off(name: str, username: str, by: str | None, as_json: bool) -> None:
    """Let a login do nothing until it is switched on again. Its session ends."""
    from stonehand.platforms import service

    made = _of_login(name, username, by, partial(service.enable, is_enabled=False))
    show(made if as_json else f"The login {username} is off.", as_json)


@login.command("remove")
@click.argument("name")
@click.argument("username")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
def remove_login(name: str, username: str, yes: bool, by: str | None) -> None:
    """Forget a login with its password and sessions. What it wrote stays."""
    from stonehand.platforms import service

    if not yes:
        click.confirm(f"Remove the login {username} of {name}?", abort=True)
    _of_login(name, username, by, service.remove_login)
    click.echo(f"The login {username} of {name} is removed.")


def _of_login(name: str, username: str, by: str | None, verb: Callable[[Session, Person, str], Any]) -> Any:
    """Do something to a login, and say what it is then."""
    from stonehand.cli import acting, preparation
    from stonehand.platforms import queries
    from stonehand.platforms.schemas import LoginOut

    with preparation.open_database().transaction() as session:
        found = queries.login_called(session, queries.platform_called(session, name).id, username)
        made = verb(session, acting.person(session, by), found.id)
        return made and LoginOut.model_validate(made)
