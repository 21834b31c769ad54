"""Which kinds of channel there are, what each can do, and asking a channel's target whether it lets us in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stonehand import registry
from stonehand.channels import service
from stonehand.channels.interfaces import (
    CanRetract,
    CanTest,
    CanUpdate,
    ChannelKind,
    Described,
    LeavesDrafts,
    NeedsSecrets,
    Setting,
)
from stonehand.channels.models import Channel


@dataclass(frozen=True)
class Kind:
    """A kind of channel as people see it. A kind that does not describe itself has no settings here, and its own name.

    `abilities` are words of `update`, `retract`, `test`, `drafts`: what it can do beyond delivering.
    """

    kind: str
    title: str
    settings: tuple[Setting, ...]
    abilities: tuple[str, ...]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The settings that are sealed."""
        return tuple(each.name for each in self.settings if each.sort == "password")


def all_kinds() -> list[Kind]:
    """Those of the installed plugins, by name."""
    return [kind(name) for name in registry.names("channel")]


def kind(name: str) -> Kind:
    """One kind. Raises `KindNotFound`."""
    plugin = service.plugin(name)
    if isinstance(plugin, Described):
        return Kind(name, plugin.title, tuple(plugin.settings), _abilities(plugin))
    return Kind(name, name, _guessed(plugin), _abilities(plugin))


def _guessed(plugin: ChannelKind) -> tuple[Setting, ...]:
    names: Sequence[str] = plugin.secret_names if isinstance(plugin, NeedsSecrets) else ()
    return tuple(Setting(name, name, sort="password") for name in names)


def _abilities(plugin: ChannelKind) -> tuple[str, ...]:
    found = {
        "update": isinstance(plugin, CanUpdate),
        "retract": isinstance(plugin, CanRetract),
        "test": isinstance(plugin, CanTest),
        "drafts": isinstance(plugin, LeavesDrafts),
    }
    return tuple(word for word, can in found.items() if can)


def test(channel: Channel) -> str:
    """Ask a channel's target whether it lets us in, and say who we are there. Holds no transaction.

    A kind that has no test of its own checks its settings anew. Raises `LoginRefused`, `ConfigUnfit`, `Unavailable`,
    and whatever else the plugin finds.
    """
    plugin, target = service.plugin(channel.kind), service.target(channel)
    if isinstance(plugin, CanTest):
        return plugin.test(target)
    plugin.validate(target)
    return f"{channel.name} can be used as it is set up."
