"""What can go wrong with publications."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class PublicationNotFound(NotFound):
    """No such publication."""


class PublicationNotFailed(Conflict):
    """Only what failed can be tried again."""


class PublicationNotInDoubt(Conflict):
    """Only of what needs a look can a person say whether it arrived."""


class AddressUnfit(Rejected):
    """Not an address at which a piece can be seen."""


class PublicationNotDue(Conflict):
    """Its reviewer has put it off."""


class NoChannel(Rejected):
    """An approved piece has nowhere to go."""


class ContentNotApproved(Rejected):
    """The text is not the one that was approved."""
