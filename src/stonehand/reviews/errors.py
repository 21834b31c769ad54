"""What can go wrong with reviews."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class ReviewNotFound(NotFound):
    """No such review."""


class ReviewDecided(Conflict):
    """The review is decided already, or a newer revision has taken its place."""


class ReviewNotApproved(Conflict):
    """The review is not approved, or no longer."""


class UndoTooLate(Conflict):
    """The approval has taken effect."""


class SentencesUnsupported(Rejected):
    """The text has sentences that no source supports, and nobody has accepted them."""


class ChannelUnusable(Rejected):
    """A chosen channel does not exist or is switched off."""
