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


class PublicationNotShown(Conflict):
    """Only what can be seen can be corrected or retracted."""


class ChangeNotFound(NotFound):
    """No such correction or retraction."""


class ChangeNotOpen(Conflict):
    """The correction or retraction is not in a state that allows this."""


class ChangeUnsupported(Rejected):
    """This kind of channel cannot change what it has shown; a person has to."""


class ReasonMissing(Rejected):
    """What is taken back needs a reason."""


class LabelMissing(Rejected):
    """Nothing goes out that does not say how it was written."""


class NoChannel(Rejected):
    """An approved piece has nowhere to go."""


class ContentNotApproved(Rejected):
    """The text is not the one that was approved."""
