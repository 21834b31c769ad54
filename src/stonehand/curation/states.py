"""Where a curation and its items can be."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a curation begins with: a list of addresses, or a topic."""

    BATCH = "batch"
    TOPIC = "topic"


class CurationState(StrEnum):
    """`limited`: its time was up before everything was read; what was read is there."""

    READING = "reading"
    DONE = "done"
    LIMITED = "limited"
    STOPPED = "stopped"


class ItemState(StrEnum):
    """Whether an article of a curation was scored yet."""

    WAITING = "waiting"
    SCORED = "scored"
    FAILED = "failed"
