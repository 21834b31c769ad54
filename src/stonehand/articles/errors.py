"""What can be wrong with an article."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class ArticleNotFound(NotFound):
    """No article has this id."""


class Unreadable(Rejected):
    """The page holds no article that can be read."""


class PageNotKept(NotFound):
    """The article's raw page is not stored."""


class PageReplaced(Rejected):
    """The site sends readers of this article to its front page: the article is no longer there."""


class VersionNotFound(NotFound):
    """The article has no version of this number."""


class PageNotFetchable(Rejected):
    """The article's page cannot be fetched again."""


class StateUnknown(Rejected):
    """No article can be in this state, or none whose page is read."""


class NotACopy(Conflict):
    """The article is an original."""


class AlreadyACopy(Conflict):
    """Both articles count as one text already."""


class WithoutText(Conflict):
    """The article has no text that could be compared."""
