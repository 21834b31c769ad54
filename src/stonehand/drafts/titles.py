"""The title of a piece where no writer found one: that of its story, unless it talks to machines."""

from __future__ import annotations

from stonehand.drafts import markup
from stonehand.drafts.pieces import shorten
from stonehand.prompts import injection

LONGEST = 160  # characters


def own(title: str, otherwise: str) -> str:
    """A stranger's title on one line, without what hides in it; `otherwise` where it orders a machine about or
    leads elsewhere."""
    shown = shorten(injection.visible(title), LONGEST)
    unfit = not shown or injection.suspicions(shown) or markup.has_address(shown)
    return shorten(otherwise, LONGEST) if unfit else shown
