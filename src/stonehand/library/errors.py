"""What can be wrong in the library."""

from __future__ import annotations

from stonehand.errors import Conflict, Forbidden, NotFound, Rejected


class SavedSearchNotFound(NotFound):
    """No saved search has this id or name."""


class FeedNotFound(NotFound):
    """No feed has this address."""


class NameTaken(Conflict):
    """A saved search has this name already."""


class NameUnfit(Rejected):
    """A name or a tag is empty or too long."""


class NotYours(Forbidden):
    """Somebody else saved this search."""


class NothingLikeIt(Rejected):
    """The article that `like:` names has no vector to compare with."""
