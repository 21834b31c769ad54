"""Presets as checked definitions."""

from __future__ import annotations

from functools import cache
from typing import Any

from stonehand.rubrics import definition as definitions
from stonehand.rubrics import features, measures
from stonehand.rubrics.definition import Definition
from stonehand.rubrics.presets import presets


def read(data: Any) -> Definition:
    """A checked definition. Raises `RubricInvalid`."""
    return definitions.read(data, measures.NAMES, features.NAMES)


@cache
def definition(slug: str) -> Definition:
    """The definition of a preset. Raises `KeyError`."""
    return read({each.slug: each.definition for each in presets()}[slug])
