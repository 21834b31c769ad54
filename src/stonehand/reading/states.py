"""The words of this room: what readers do, phases and levels of articles, and how often a digest comes."""

from __future__ import annotations

from enum import StrEnum


class Deed(StrEnum):
    """What a reader does with an article."""

    VIEW = "view"
    """Opened it; seconds and scroll say how far they came."""
    PROGRESS = "progress"
    """Went on reading it: more seconds, further down."""
    READ = "read"
    """Came to its end."""
    LIKE = "like"
    SAVE = "save"
    SHARE = "share"
    DISMISS = "dismiss"
    RATE = "rate"


REVOCABLE = (Deed.LIKE, Deed.SAVE, Deed.DISMISS)
"""Deeds that an event with the value 0 takes back."""


class Less(StrEnum):
    """Of what a reader wants less."""

    ARTICLE = "article"
    """Articles like this one."""
    BECAUSE = "because"
    """This article of their past no longer counts as a reason."""
    OUTLET = "outlet"
    STORY = "story"
    TOPIC = "topic"
    """A topic of their profile no longer counts as a reason."""


class Phase(StrEnum):
    """Of the Be-Do-Have framework: identity and mindset, skills and actions, results and management."""

    BE = "BE"
    DO = "DO"
    HAVE = "HAVE"


class Difficulty(StrEnum):
    """How much an article takes for granted."""

    BEGINNER = "Beginner"
    INTERMEDIATE = "Intermediate"
    ADVANCED = "Advanced"


class Period(StrEnum):
    """How often a digest comes."""

    DAILY = "daily"
    WEEKLY = "weekly"
