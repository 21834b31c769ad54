"""Facts about rubrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PhaseJudged:
    """What the rubric Be-Do-Have says of an article, or what a person says by it, is new."""

    article_id: str
