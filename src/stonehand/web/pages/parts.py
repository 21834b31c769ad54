"""Small values that every page is made of. The templates' macros in `ui.html` draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["good", "busy", "warn", "bad", "quiet"]


@dataclass(frozen=True)
class Badge:
    """A state in words. `tone` adds colour to what the words already say."""

    words: str
    tone: Tone = "quiet"


@dataclass(frozen=True)
class Link:
    """Words that lead somewhere."""

    words: str
    href: str


@dataclass(frozen=True)
class Meter:
    """How far something has come. `total` 0 means that nobody knows yet."""

    current: int
    total: int
    words: str = ""

    @property
    def percent(self) -> int:
        """0 to 100."""
        return min(100, round(100 * self.current / self.total)) if self.total else 0


@dataclass(frozen=True)
class Tab:
    """One way to narrow a list."""

    words: str
    href: str
    count: int | None = None
    active: bool = False
    key: str = ""


@dataclass(frozen=True)
class Pager:
    """Addresses of the neighbouring parts of a long list."""

    newer: str = ""
    older: str = ""


@dataclass(frozen=True)
class Field:
    """A form field: what was typed, and what is wrong with it."""

    value: str = ""
    error: str = ""


BLANK = Field()
ONE_PAGE = Pager()


@dataclass(frozen=True)
class Status:
    """How everything is, in one sentence."""

    words: str
    tone: Tone = "good"


@dataclass(frozen=True)
class Chrome:
    """The frame around a page: the status sentence, the counts beside the menu, and whether samples are loaded."""

    status: Status
    reviews: int = 0
    troubles: int = 0
    sample: bool = False
    comments: int = 0
    """To decide about."""
    stopped: str = ""
    """In words, if everything that leaves this machine is stopped."""
