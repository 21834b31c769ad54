"""What a plugin can add. A plugin is a module that implements some of these hooks.

It is announced by an entry point in the group `stonehand.plugins`, and may import the `interfaces` of a room,
`channels.heads`, this file, `errors` and `http_client`, and nothing else of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import pluggy

PROJECT = "stonehand"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Kind(Protocol):
    """Anything that is found by its kind. The rooms' interfaces say what else it must do."""

    @property
    def kind(self) -> str:
        """Its name, unique among its sort: `feed`, `folder`."""


Register = Callable[[Kind], None]


@hookspec
def register_sources(register: Register) -> None:
    """Call `register(kind)` for each `sources.interfaces.SourceKind`."""


@hookspec
def register_channels(register: Register) -> None:
    """Call `register(kind)` for each `channels.interfaces.ChannelKind`."""


@hookspec
def register_platforms(register: Register) -> None:
    """Call `register(kind)` for each `platforms.interfaces.PlatformKind`."""
