"""Kinds of platforms that plugins add."""

from __future__ import annotations

from stonehand import registry
from stonehand.platforms.interfaces import PlatformKind


def plugin(kind: str) -> PlatformKind:
    """The plugin of a kind of platform. Raises `KindNotFound`."""
    found: PlatformKind = registry.find("platform", kind)
    return found


def every() -> list[PlatformKind]:
    """All that are installed, by name."""
    return [plugin(name) for name in registry.names("platform")]
