"""Which texts a reader may open: a difficulty opens with a score in the phase that the text serves. Pure."""

from __future__ import annotations

from collections.abc import Mapping

LEVELS = ((80.0, "Advanced"), (60.0, "Intermediate"))
FIRST = "Beginner"


def level(score: float) -> str:
    """The name of a reader's score from 0 to 100: Advanced from 80, Intermediate from 60, else Beginner."""
    return next((name for least, name in LEVELS if score >= least), FIRST)


def required(access: Mapping[str, float], difficulty: str) -> float:
    """The score that a difficulty asks for; 0 for one that is open to all."""
    return access.get(difficulty, 0.0)


def may_read(access: Mapping[str, float], label: str, difficulty: str, scores: Mapping[str, float] | None) -> bool:
    """Whether a reader with these scores by label may read a text; without an assessment only what is open to all."""
    return (scores or {}).get(label, 0.0) >= required(access, difficulty)
