"""What can go wrong with drafts."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class DraftNotFound(NotFound):
    """No such draft."""


class RevisionNotFound(NotFound):
    """No such revision."""


class DraftBusy(Conflict):
    """The draft is not in a state that allows this."""


class RevisionOutdated(Conflict):
    """Somebody saved another revision meanwhile."""


class NothingCorrected(Rejected):
    """A correction says what has changed, and changes it."""


class NothingToQuote(Rejected):
    """The story's articles hold no sentence that can be quoted."""


class TextUnacceptable(Rejected):
    """The text holds something that may never go out."""
