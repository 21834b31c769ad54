"""What can go wrong with rehearsals."""

from __future__ import annotations

from stonehand.errors import NotFound, Rejected


class RehearsalNotFound(NotFound):
    """There is no rehearsal with this id."""


class SubjectUnfit(Rejected):
    """The prompt cannot be tried on this: it needs a story, an article, or the draft of something."""


class NothingToAsk(Rejected):
    """No language model is configured, so that there is nobody to try a prompt with."""
