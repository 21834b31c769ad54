"""What can be wrong with rubrics."""

from __future__ import annotations

from collections.abc import Mapping

from stonehand.errors import Conflict, NotFound, Rejected


class RubricNotFound(NotFound):
    """There is no rubric of this name or id, or not this version of it."""


class RubricInvalid(Rejected):
    """A rubric's definition cannot be used. `places` says by place, such as `criteria.0.weight`, why."""

    def __init__(self, words: str, places: Mapping[str, str] | None = None) -> None:
        super().__init__(words)
        self.places = dict(places or {"": words})


class RubricTaken(Conflict):
    """A rubric of this name exists already."""


class PresetKept(Conflict):
    """A preset cannot be removed, only cloned or edited."""


class LabelUnknown(Rejected):
    """A label or score that the rubric does not know."""


class TooFewLabels(Rejected):
    """There are too few labelled articles to calibrate on."""


class ArticlesUnfit(Rejected):
    """No article was named, or too many, or none of them has a text."""


class TrialNotFound(NotFound):
    """There is no replay or rerun with this id."""


class TrialUnfinished(Conflict):
    """The replay or rerun has not ended, or ended in failure."""
