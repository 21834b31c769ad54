"""Platforms: the sites on which comments are made, and the logins there."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import asdict
from typing import IO, Any

import click

from stonehand.cli.acting import as_option
from stonehand.cli.logins import login
from stonehand.cli.opt_outs import opt_out
from stonehand.cli.printing import json_option, show
from stonehand.errors import Rejected

COLUMNS = ("name", "base_url", "kind", "interval", "permission", "id")


class SettingsUnfit(Rejected):
    """What was typed describes no platform."""


@click.group()
def platform() -> None:
    """Sites on which comments are made, and as whom."""


@platform.command("list")
@json_option
def list_platforms(as_json: bool) -> None:
    """List every platform."""
    from stonehand.cli import preparation
    from stonehand.platforms import queries
    from stonehand.platforms.schemas import PlatformOut

    with preparation.open_database().read() as session:
        rows = [PlatformOut.model_validate(each).model_dump(mode="json") for each in queries.platforms(session)]
    show(rows if as_json else [{name: row[name] for name in COLUMNS} for row in rows], as_json)


def terms(verb: Callable[..., None]) -> Callable[..., None]:
    """The options that a platform is added and changed with. They come as `told`, those that were not given as None."""
    options = (
        click.option("--preset", help="mymoment or wordpress; none if the file describes all of it."),
        click.option("--config", "file", type=click.File("rb"), help="TOML with what differs from the preset."),
        click.option("--permission", help="Who of the site allows it, and when."),
        click.option("--interval", type=float, help="Seconds between two questions of all workers; 0.5 unless said."),
        click.option("--language", help="Of the comments, such as de; the article's unless said."),
        click.option("--disclosure", help="What every comment begins with; the language's own words unless said."),
        click.option("--most-per-login-a-day", type=int, help="Comments of one login in 24 hours at most."),
        click.option("--most-a-day", type=int, help="Comments of all logins in 24 hours at most."),
        click.option("--most-per-article", type=int, help="Comments of ours under one article at most."),
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


@platform.command("choices")
@click.argument("name")
@json_option
def list_choices(name: str, as_json: bool) -> None:
    """List what the articles of a platform can be filtered by, as its logins have seen it last."""
    from stonehand.cli import preparation
    from stonehand.platforms import choices, queries

    with preparation.open_database().read() as session:
        found = choices.offered(session, queries.platform_called(session, name).id)
    if as_json:
        show(asdict(found), as_json)
        return
    for kind, options in (("tab", found.tabs), ("category", found.categories), ("task", found.tasks)):
        for each in options:
            click.echo(f"--{kind} {each.id}\t{each.name}")
    if found == choices.Offered():
        click.echo("Nobody has looked yet: stonehand platform test", err=True)


@platform.command()
@click.option("--name", required=True, help="How it is called here.")
@click.option("--url", required=True, help="Such as https://site.example.org.")
@click.option("--kind", default="form-site", show_default=True, help="Another kind of site, of a plugin.")
@terms
@as_option
@json_option
def add(name: str, url: str, kind: str, by: str | None, as_json: bool, **told: Any) -> None:
    """Add a platform. The site is not asked before a login is tried out."""
    from stonehand.cli import acting, preparation
    from stonehand.platforms import service
    from stonehand.platforms.schemas import PlatformOut

    given = {"permission": ""} | _given(told, {}) | {"name": name, "base_url": url, "kind": kind}
    with preparation.open_database().transaction() as session:
        wish = checked("PlatformIn", given)
        made = PlatformOut.model_validate(service.add(session, acting.person(session, by), wish))
    show(made if as_json else f"The platform {made.name} is there, as {made.id}.", as_json)


@platform.command()
@click.argument("name")
@click.option("--name", "new_name", help="How it is to be called.")
@terms
@as_option
@json_option
def change(name: str, new_name: str | None, by: str | None, as_json: bool, **told: Any) -> None:
    """Change a platform; what is not given stays. A file of settings replaces the one before."""
    from stonehand.cli import acting, preparation
    from stonehand.platforms import queries, service
    from stonehand.platforms.schemas import PlatformOut

    with preparation.open_database().transaction() as session:
        found = queries.platform_called(session, name)
        given = _given(told, found.config) | ({"name": new_name} if new_name else {})
        wish = checked("PlatformChange", given)
        made = PlatformOut.model_validate(service.change(session, acting.person(session, by), found.id, wish))
    show(made if as_json else f"The platform {made.name} is changed.", as_json)


def _given(told: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """What was typed. The preset stays if only a file is given, and the rest if only a preset is."""
    file, preset = told.pop("file"), told.pop("preset")
    given = {name: value for name, value in told.items() if value is not None}
    if file is None and preset is None:
        return given
    differing = _read(file) if file else {name: value for name, value in before.items() if name != "preset"}
    named = before.get("preset", "") if preset is None else preset
    return given | {"config": ({"preset": named} if named else {}) | differing}


def _read(file: IO[bytes] | None) -> dict[str, Any]:
    try:
        return tomllib.load(file) if file else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsUnfit(f"{file.name if file else 'the file'} is no TOML: {error}") from None


def checked(shape: str, told: dict[str, Any]) -> Any:
    """What was typed, in a shape of platforms. Raises `SettingsUnfit`."""
    from pydantic import ValidationError

    from stonehand.platforms import schemas

    try:
        return getattr(schemas, shape).model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise SettingsUnfit(f"{first['loc'][0]}: {first['msg']}") from None


@platform.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
def remove(name: str, yes: bool, by: str | None) -> None:
    """Forget a platform with its logins. What was written there stays."""
    from stonehand.cli import acting, preparation
    from stonehand.platforms import queries, service

    if not yes:
        click.confirm(f"Remove the platform {name} and its logins?", abort=True)
    with preparation.open_database().transaction() as session:
        found = queries.platform_called(session, name)
        service.remove(session, acting.person(session, by), found.id)
    click.echo(f"The platform {name} is removed.")


@platform.command("test")
@click.argument("name")
@click.argument("username")
@as_option
@json_option
def test_login(name: str, username: str, by: str | None, as_json: bool) -> None:
    """Let a job find out whether a login is let in. The password is opened in the job alone."""
    from stonehand.cli import acting, preparation
    from stonehand.platforms import queries, service

    with preparation.open_database().transaction() as session:
        found = queries.login_called(session, queries.platform_called(session, name).id, username)
        job_id = service.try_out(session, acting.person(session, by), found.id)
    show({"job_id": job_id} if as_json else f"A job tries it: stonehand job show {job_id}", as_json)


platform.add_command(login)
platform.add_command(opt_out, "opt-out")
