"""What can be wrong in curation."""

from __future__ import annotations

from stonehand.errors import Conflict, Forbidden, NotFound, Rejected


class CurationNotFound(NotFound):
    """No curation has this id."""


class WeightsNotFound(NotFound):
    """No weights have this name."""


class WeightsTaken(Conflict):
    """There are weights of this name already."""


class WeightsUnfit(Rejected):
    """The seven weights are not numbers from 0 to 1 that sum to 1."""


class CurationUnfit(Rejected):
    """What is to be curated cannot be: no topic and no address, or too many."""


class CurationEnded(Conflict):
    """The curation has ended, so it cannot be stopped."""


class ItemNotFound(NotFound):
    """The curation holds no such article."""


class NotYours(Forbidden):
    """Somebody else saved these weights."""
