"""What has happened to articles."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PageStored:
    """A new article's page is kept and can be read."""

    article_id: str


@dataclass(frozen=True)
class ArticleExtracted:
    """An article's text has been read from its page."""

    article_id: str
