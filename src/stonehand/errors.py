"""The family of errors: what the web says, and whether a job tries again.

    StonehandError
    ├── NotFound     404  it is not here
    ├── Conflict     409  it is here, but not in a state that allows this
    ├── Rejected     422  the input will not get better by itself; never tried again
    │   └── Forbidden  403  the input is fine, but not from this caller
    └── Unavailable  503  the world is not ready; tried again, after `retry_after` seconds if it is known

Subclass by thing and kind (`SourceNotFound`, `FeedMalformed`), with a docstring of one line, and `raise ... from`.
A message says what, where, and how to mend it; it never holds a secret.
"""

from __future__ import annotations


class StonehandError(Exception):
    """Something that a person can be told about."""

    status = 500

    @property
    def kind(self) -> str:
        """A stable word for machines: the name of the class."""
        return type(self).__name__


class NotFound(StonehandError):
    """It is not here."""

    status = 404


class Conflict(StonehandError):
    """It is here, but not in a state that allows this."""

    status = 409


class Rejected(StonehandError):
    """The input will not get better by itself."""

    status = 422


class Forbidden(Rejected):
    """The input is fine, but this caller may not."""

    status = 403


class Unavailable(StonehandError):
    """The world is not ready; it is worth trying again."""

    status = 503

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
