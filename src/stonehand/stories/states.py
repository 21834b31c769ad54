"""The states of a story."""

from __future__ import annotations

from enum import StrEnum


class StoryState(StrEnum):
    """Emerging while one outlet has it; developing from the second on."""

    EMERGING = "emerging"
    DEVELOPING = "developing"


class Role(StrEnum):
    """What an article is in its story: the earliest report, a later one, or a text that ran before."""

    FIRST_REPORT = "first_report"
    FOLLOW_UP = "follow_up"
    COPY = "copy"


class Change(StrEnum):
    """How articles came to another story: all of a story, a part of it that became one of its own, or some of it."""

    MERGED = "merged"
    SPLIT = "split"
    MOVED = "moved"
