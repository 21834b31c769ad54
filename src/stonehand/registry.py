"""Loads plugins, finds what they add by name."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pluggy

from stonehand import hookspecs
from stonehand.errors import Conflict, NotFound
from stonehand.hookspecs import Kind
from stonehand.log import logger

GROUP = "stonehand.plugins"
HOOKS = {"source": "register_sources", "channel": "register_channels", "platform": "register_platforms"}
_log = logger(__name__)


class KindNotFound(NotFound):
    """No plugin adds a kind of this name."""


class KindTaken(Conflict):
    """Two plugins add a kind of the same name."""


@dataclass
class Registry:
    """What the loaded plugins add, by sort (`source`, `channel`, `platform`) and kind."""

    kinds: dict[str, dict[str, Kind]] = field(default_factory=lambda: {sort: {} for sort in HOOKS})
    broken: dict[str, str] = field(default_factory=dict)
    """Plugins that could not be loaded, and why. The others work on."""

    def __post_init__(self) -> None:
        self._plugins = pluggy.PluginManager(hookspecs.PROJECT)
        self._plugins.add_hookspecs(hookspecs)

    def load(self, plugin: object, name: str) -> None:
        """Take in one plugin; one that fails is noted in `broken` and adds nothing."""
        added: list[tuple[str, Kind]] = []
        try:
            self._plugins.register(plugin, name)
            for sort, hook in HOOKS.items():
                for implementation in getattr(self._plugins.hook, hook).get_hookimpls():
                    if implementation.plugin is plugin:
                        implementation.function(lambda kind, sort=sort: added.append((sort, kind)))
            self._check(added)
        except Exception as error:
            self._give_up(name, error)
            return
        for sort, kind in added:
            self.kinds[sort][kind.kind] = kind

    def _check(self, added: list[tuple[str, Kind]]) -> None:
        for sort, kind in added:
            if kind.kind in self.kinds[sort]:
                raise KindTaken(f"the {sort} kind {kind.kind!r} exists already; give it another name")

    def _give_up(self, name: str, error: Exception) -> None:
        self._plugins.unregister(name=name)
        self.broken[name] = f"{type(error).__name__}: {error}"
        _log.error("plugin unusable", plugin=name, reason=self.broken[name])

    def find(self, sort: str, kind: str) -> Any:
        """The thing of this sort and kind. Raises `KindNotFound`, naming what exists."""
        try:
            return self.kinds[sort][kind]
        except KeyError:
            raise KindNotFound(self._explain(sort, kind)) from None

    def _explain(self, sort: str, kind: str) -> str:
        if sort not in self.kinds:
            return f"there is no sort of plugin called {sort!r}; there are: {', '.join(sorted(self.kinds))}"
        known = ", ".join(sorted(self.kinds[sort])) or "none"
        reasons = "; ".join(f"the plugin {name} could not be loaded: {why}" for name, why in self.broken.items())
        return f"there is no {sort} of kind {kind!r}; there are: {known}" + (f" ({reasons})" if reasons else "")


@cache
def registry() -> Registry:
    """Every plugin that is installed, ours among them."""
    found = Registry()
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            plugin = entry.load()
        except Exception as error:
            found.broken[entry.name] = f"{type(error).__name__}: {error}"
            _log.error("plugin unusable", plugin=entry.name, reason=found.broken[entry.name])
        else:
            found.load(plugin, entry.name)
    return found


def find(sort: str, kind: str) -> Any:
    """The installed plugins' thing of this sort and kind: `find("source", "feed")`. Raises `KindNotFound`."""
    return registry().find(sort, kind)


def names(sort: str) -> list[str]:
    """The kinds of this sort that are installed, in order of the alphabet."""
    return sorted(registry().kinds[sort])
