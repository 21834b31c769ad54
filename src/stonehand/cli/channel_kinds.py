"""Verbs that add a channel and test one. A kind that describes its settings gets a verb, made when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

import click

from stonehand.cli.acting import as_option
from stonehand.cli.printing import json_option, show

if TYPE_CHECKING:
    from stonehand.channels.interfaces import Setting


FORMERLY = {("folder", "folder"): ("--path",)}
"""What the option of a setting was called before every kind had a verb of the same making."""


class KindGroup(click.Group):
    """A verb for every kind of channel that is installed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The kinds."""
        from stonehand import registry

        return sorted(registry.names("channel"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb of a kind."""
        from stonehand.channels import kinds
        from stonehand.registry import KindNotFound

        try:
            return _verb(kinds.kind(cmd_name))
        except KindNotFound:
            return None


def _verb(kind: Any) -> click.Command:
    """`NAME --name ... --url ... --api-key-file FILE`."""

    @as_option
    @json_option
    def add_kind(by: str | None, as_json: bool, name: str, **given: Any) -> None:
        settings = {each.name: _value(each, given) for each in kind.settings}
        add(kind.kind, name, {key: value for key, value in settings.items() if value}, by, as_json)

    command = click.command(kind.kind, help=f"Add a {kind.title}. Its target is asked whether the settings work.")(
        add_kind
    )
    named = click.Option(["--name"], required=True, help="How the channel is called.")
    command.params = [named, *(_option(kind.kind, each) for each in kind.settings), *command.params]
    return command


def _option(kind: str, setting: Setting) -> click.Option:
    word = setting.name.replace("_", "-")
    if setting.sort == "password":
        words = f"Where the {setting.label} is{'; asked for if not given' if setting.required else ''}."
        return click.Option([f"--{word}-file", setting.name], type=click.File(), help=words)
    sort = click.Choice(setting.choices) if setting.choices else None
    return click.Option(
        [f"--{word}", *FORMERLY.get((kind, setting.name), ()), setting.name],
        type=sort,
        required=setting.required,
        help=setting.hint or setting.label,
    )


def _value(setting: Setting, given: dict[str, Any]) -> str:
    value: str | TextIO | None = given[setting.name]
    if setting.sort != "password":
        return str(value or "")
    if value is not None and not isinstance(value, str):
        return value.read().strip()
    return str(click.prompt(setting.label, hide_input=True)) if setting.required else ""


def add(kind: str, name: str, settings: dict[str, str], by: str | None, as_json: bool) -> None:
    """Add a channel, after its target was asked."""
    from stonehand.channels import service
    from stonehand.channels.schemas import ChannelOut
    from stonehand.cli import acting, preparation

    database = preparation.open_database()
    with database.read() as session:
        person = acting.person(session, by)
    person.require("admin")
    checked = service.check(kind, name, settings)
    with database.transaction() as session:
        made = ChannelOut.model_validate(service.add(session, person, checked))
    show(made if as_json else f"The channel {made.name} is there, as {made.id}.", as_json)


@click.command("test")
@click.argument("name")
@as_option
@json_option
def test_channel(name: str, by: str | None, as_json: bool) -> None:
    """Ask a channel's target whether it lets us in. Nothing is published."""
    from stonehand.channels import kinds
    from stonehand.cli import acting, preparation
    from stonehand.cli.publishing import find_channel

    with preparation.open_database().read() as session:
        acting.person(session, by).require("admin")
        found = find_channel(session, name)
    words = kinds.test(found)
    show({"channel": found.name, "words": words} if as_json else words, as_json)
