"""People, their tokens, the setup link and the audit log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.accounts.models import User
    from stonehand.db import Session

COLUMNS = ("email", "name", "role", "is_active", "last_seen_at", "id")


@click.group()
def user() -> None:
    """Add people, and say what they may do."""


@user.command("list")
@json_option
def list_users(as_json: bool) -> None:
    """List everybody with an account."""
    from stonehand.accounts import queries
    from stonehand.accounts.schemas import UserOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = [UserOut.model_validate(each).model_dump(mode="json") for each in queries.users(session)]
    show(found if as_json else [{name: each[name] for name in COLUMNS} for each in found], as_json)


@user.command("add")
@click.argument("email")
@click.option("--name", required=True, help="How the person is called.")
@click.option("--role", default="viewer", show_default=True, help="viewer, editor, publisher or admin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, up to its first line end.")
@as_option
@json_option
def add_user(email: str, name: str, role: str, password_stdin: bool, by: str | None, as_json: bool) -> None:
    """Add somebody, with a first password that is asked for."""
    from stonehand.accounts import doors
    from stonehand.accounts.schemas import UserOut
    from stonehand.cli import acting, preparation

    database = preparation.open_database()
    with database.read() as session:
        person = acting.administrator(session, by)
    password = _password(password_stdin)
    made = UserOut.model_validate(doors.add_user(database, person, email, name, role, password))
    show(made if as_json else f"{made.name} ({made.email}) has an account now, as {made.role}.", as_json)


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


@user.command("role")
@click.argument("email")
@click.argument("role")
@as_option
def set_role(email: str, role: str, by: str | None) -> None:
    """Give somebody another role: viewer, editor, publisher or admin."""
    from stonehand.accounts import service
    from stonehand.cli import acting, preparation

    with preparation.open_database().transaction() as session:
        found = _user(session, email)
        service.set_role(session, acting.person(session, by), found.id, role)
    click.echo(f"{found.name} is {role} now.")


@user.command()
@click.argument("email")
@as_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def deactivate(email: str, by: str | None, yes: bool) -> None:
    """Close somebody's account: sessions end and tokens stop working."""
    from stonehand.accounts import service
    from stonehand.cli import acting, preparation

    database = preparation.open_database()
    with database.read() as session:
        found = _user(session, email)
    if not yes:
        click.confirm(f"Close the account of {found.name} ({found.email})?", abort=True)
    with database.transaction() as session:
        service.deactivate(session, acting.person(session, by), found.id)
    click.echo(f"The account of {found.name} is closed.")


def _user(session: Session, email: str) -> User:
    from stonehand.accounts import queries
    from stonehand.accounts.errors import UserNotFound

    found = queries.user_by_email(session, email)
    if found is None:
        raise UserNotFound(f"nobody has an account as {email}; `stonehand user list` shows who has one")
    return found


@click.group()
def token() -> None:
    """Keys for programs."""


@token.command()
@click.option("--user", "email", required=True, metavar="EMAIL", help="Whose token it is.")
@click.option("--name", required=True, help="What it is for.")
@click.option("--scope", "scopes", multiple=True, required=True, help="read, edit, publish or admin; several times.")
@click.option("--days", default=90, show_default=True, help="How long it lives.")
@json_option
def create(email: str, name: str, scopes: tuple[str, ...], days: int, as_json: bool) -> None:
    """Make a token and print its secret, this once."""
    from stonehand.accounts import queries, service
    from stonehand.accounts.schemas import TokenMade, TokenOut
    from stonehand.cli import preparation

    with preparation.open_database().transaction() as session:
        made, secret = service.create_token(session, queries.person_by_email(session, email), name, scopes, days)
        plain = TokenOut.model_validate(made)
    if not as_json:
        click.echo(f"Keep it now, it is never shown again. It lives until {plain.expires_at:%Y-%m-%d}.", err=True)
    show(TokenMade(**plain.model_dump(), secret=secret) if as_json else secret, as_json)


@token.command("list")
@click.option("--user", "email", metavar="EMAIL", help="Only the tokens of this user.")
@json_option
def list_tokens(email: str | None, as_json: bool) -> None:
    """List tokens, without their secrets."""
    from stonehand.accounts import queries
    from stonehand.accounts.schemas import TokenOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        owners = [_user(session, email)] if email else queries.users(session)
        rows = [
            {"user": owner.email, **TokenOut.model_validate(each).model_dump(mode="json")}
            for owner in owners
            for each in queries.tokens(session, owner.id)
        ]
    columns = ("id", "user", "name", "prefix", "scopes", "expires_at", "revoked_at")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)


@token.command()
@click.argument("token_id", metavar="ID")
@as_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke(token_id: str, by: str | None, yes: bool) -> None:
    """End a token; programs that use it are refused from now on."""
    from stonehand.accounts import service
    from stonehand.cli import acting, preparation

    database = preparation.open_database()
    if not yes:
        click.confirm(f"End the token {token_id}?", abort=True)
    with database.transaction() as session:
        service.revoke_token(session, acting.person(session, by), token_id)
    click.echo(f"The token {token_id} is ended.")


@click.command()
@json_option
def setup_link(as_json: bool) -> None:
    """Print a new one-time address that makes the first administrator."""
    from stonehand import config
    from stonehand.accounts import entering
    from stonehand.cli import doorplate, preparation

    settings = config.settings()
    with preparation.open_database().transaction() as session:
        secret = entering.make_setup_link(session)
    address = settings.public_url.rstrip("/") or doorplate.read()
    if not address:
        address = doorplate.address_of(settings.host, settings.port)
        click.echo(f"Nothing is served from here now; {address} holds if you start it without --port.", err=True)
    link = f"{address}/setup?key={secret}"
    show({"url": link} if as_json else link, as_json)


@click.group()
def audit() -> None:
    """Who did what."""


@audit.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--kind", help="Only things of this kind: user, token, channel, review, source, job ...")
@click.option("--id", "object_id", help="Only this thing.")
@json_option
def list_audit(limit: int, kind: str | None, object_id: str | None, as_json: bool) -> None:
    """List the audit log, the newest first."""
    from stonehand.accounts import queries
    from stonehand.accounts.schemas import AuditOut
    from stonehand.cli import preparation

    with preparation.open_database().read() as session:
        found = queries.audit(session, limit, object_kind=kind, object_id=object_id)
        rows = [AuditOut.model_validate(each).model_dump(mode="json") for each in found]
    columns = ("at", "actor_name", "verb", "object_kind", "object_id", "detail")
    show(rows if as_json else [{name: row[name] for name in columns} for row in rows], as_json)
