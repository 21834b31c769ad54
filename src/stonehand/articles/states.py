"""Where an article can be."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """`stored`: the page is kept. `extracted`: its text is read. `unreadable`: it has none. `gone`: forgotten."""

    STORED = "stored"
    EXTRACTED = "extracted"
    UNREADABLE = "unreadable"
    GONE = "gone"
