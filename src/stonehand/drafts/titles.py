"""The title of a piece where no writer found one: that of its story, unless it talks to machines."""

from __future__ import annotations

from stonehand.drafts.pieces import shorten
from stonehand.prompts import injection

LONGEST = 160  # characters


def own(title: str, otherwise: str) -> str:
    """A stranger's title on one line, without what hides in it; `otherwise` where it orders a machine about."""
    shown = shorten(injection.visible(title), LONGEST)
    return shorten(otherwise, LONGEST) if injection.suspicions(shown) or not shown else shown
