"""The states of a trend."""

from __future__ import annotations

from enum import StrEnum


class TrendState(StrEnum):
    """New; told by many at once; going on; fewer reports than before; silent for three days."""

    EMERGING = "emerging"
    VIRAL = "viral"
    SUSTAINED = "sustained"
    DECLINING = "declining"
    DEAD = "dead"
