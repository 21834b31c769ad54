"""What can be wrong about readers and what they do."""

from __future__ import annotations

from stonehand.errors import Conflict, NotFound, Rejected


class ReaderNotFound(NotFound):
    """Nobody with this id reads here."""


class DigestNotFound(NotFound):
    """There is no such digest."""


class EventUnfit(Rejected):
    """An event says something that cannot be so."""


class ProfileUnfit(Rejected):
    """A preference is too long, or there are too many."""


class AnswersUnfit(Rejected):
    """An assessment's answers are missing, or out of range."""


class WishUnfit(Rejected):
    """Nothing is known by this name that there could be less of."""


class NothingToTell(Conflict):
    """No story of the period is fit for a digest."""
