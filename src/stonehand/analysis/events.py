"""Facts about analysis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ArticleAnalysed:
    """An article's language, phrases and vector are known."""

    article_id: str
