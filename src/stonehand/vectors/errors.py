"""What can be wrong with indexes of vectors."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected, Unavailable


class VectorUnfit(Rejected):
    """A vector has another width than the index, or holds something that is no number."""


class VectorMissing(NotFound):
    """An article has no vector yet."""


class IndexUnavailable(Unavailable):
    """The server that holds the vectors does not answer, or refuses."""


class IndexRefused(Rejected):
    """The server that holds the vectors says no: a wrong key, or something that it does not understand."""
