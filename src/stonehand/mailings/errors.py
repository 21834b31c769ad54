"""What can go wrong with mailings."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Unavailable


class NoMailServer(Unavailable):
    """No mail server is set, so nothing can be sent."""


class MailNotFound(NotFound):
    """This digest was not addressed to this reader."""


class MailBusy(Conflict):
    """The letter is not in a state that allows this."""
