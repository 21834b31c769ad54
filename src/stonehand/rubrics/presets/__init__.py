"""The rubrics that every installation has: one file each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Preset:
    """A rubric as it is shipped."""

    slug: str
    name: str
    description: str
    definition: dict[str, Any]


def presets() -> Iterator[Preset]:
    """All of them, by name."""
    found = [each for each in files(__package__).iterdir() if each.name.endswith(".json")]
    for each in sorted(found, key=lambda each: each.name):
        said = json.loads(each.read_text(encoding="utf-8"))
        yield Preset(each.name.removesuffix(".json"), said["name"], said["description"], said["definition"])
