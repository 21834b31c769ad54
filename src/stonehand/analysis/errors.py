"""What can be wrong in analysis."""

from __future__ import annotations

from stonehand.errors import NotFound


class AnalysisNotFound(NotFound):
    """The article was not analysed, or does not exist."""
