"""Where an agent and its runs can be, and why a run was made."""

from __future__ import annotations

from enum import StrEnum


class AgentState(StrEnum):
    """`removed`: it works no more, and its history stays."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class WritesOf(StrEnum):
    """What a run by the clock is about: the best topic of all that is new, or each new item of its feeds."""

    TOPICS = "topics"
    ITEMS = "items"


class RunState(StrEnum):
    """`asked`: it has asked for pieces about feed items, each a run of its own. `refused`: nothing was spent."""

    WRITING = "writing"
    WRITTEN = "written"
    ASKED = "asked"
    NOTHING = "nothing"
    REFUSED = "refused"
    FAILED = "failed"


class Why(StrEnum):
    """What a run was made for."""

    SCHEDULE = "schedule"
    HAND = "hand"
    API = "api"
    ITEM = "item"
    STORY = "story"
    CURATION = "curation"
    DIGEST = "digest"


WORDS = {
    Why.SCHEDULE: "by its schedule",
    Why.HAND: "asked for by hand",
    Why.API: "asked for by a program",
    Why.ITEM: "about a feed item",
    Why.STORY: "about a story",
    Why.CURATION: "about a curation",
    Why.DIGEST: "about a digest",
}
"""In words."""
