"""What can be wrong with a search."""

from __future__ import annotations

from stonehand.errors import Rejected


class SearchMalformed(Rejected):
    """The search cannot be read. `position` counts characters from 1."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"the search, at character {position}: {reason}")
        self.position = position
        self.reason = reason


class NotAboutOneArticle(Rejected):
    """This field compares articles with each other, so one article alone cannot be judged by it."""
