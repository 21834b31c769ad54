"""What can be wrong in analysis."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected


class AnalysisNotFound(NotFound):
    """The article was not analysed, or does not exist."""


class ArticlesMissing(Rejected):
    """No article was named, or too many."""
