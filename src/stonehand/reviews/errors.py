"""What can go wrong with reviews."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class ReviewNotFound(NotFound):
    """No such review."""


class CommentNotFound(NotFound):
    """No such comment."""


class PolicyNotFound(NotFound):
    """No such policy, or the channel has none."""


class BulkNotFound(NotFound):
    """No such decision about many."""


class ReviewDecided(Conflict):
    """The review is decided already, or a newer revision has taken its place."""


class ReviewNotApproved(Conflict):
    """The review is not approved, or no longer."""


class UndoTooLate(Conflict):
    """The decision has taken effect."""


class SentencesUnsupported(Rejected):
    """The text has sentences that no source supports, and nobody has accepted them."""


class CommentsUnresolved(Conflict):
    """A comment that must be dealt with is not resolved."""


class CommentUnfit(Rejected):
    """A comment says something, and not too much."""


class ChannelUnusable(Rejected):
    """A chosen channel does not exist or is switched off."""


class PolicyUnfit(Rejected):
    """Such a policy cannot be."""


class DecisionUnfit(Rejected):
    """This cannot be decided about many at once."""
