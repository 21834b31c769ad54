"""Which reviews somebody wants to see or decide about, and in which order the queue stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.reviews.errors import DecisionUnfit
from stonehand.reviews.models import Review

WARNINGS = ("", "some", "none", "unsupported")
SAMPLE = ("", "only", "none")

_UNSUPPORTED = sa.exists().where(Citation.revision_id == Revision.id, Citation.kind == "unsupported")
_WARNED = sa.cast(Revision.warnings, sa.Text) != "[]"
TROUBLE: sa.ColumnElement[int] = sa.case((_UNSUPPORTED, 0), (_WARNED, 1), else_=2)
"""0 for a text with sentences that no source supports, 1 for one with other warnings, 2 for the rest."""
QUEUE = (TROUBLE, Review.opened_at, Review.id)
"""What has warnings first, then what waits longest."""


@dataclass(frozen=True)
class Filter:
    """What is empty does not matter. `older` counts hours of waiting."""

    language: str = ""
    agent: str = ""
    story: str = ""
    warnings: str = ""
    sample: str = ""
    older: int = 0

    def check(self) -> Filter:
        """The filter itself. Raises `DecisionUnfit` for words that mean nothing."""
        if self.warnings not in WARNINGS:
            raise DecisionUnfit(f"{self.warnings!r} is no choice of warnings; there are {', '.join(WARNINGS[1:])}")
        if self.sample not in SAMPLE:
            raise DecisionUnfit(f"{self.sample!r} is no choice of samples; there are {', '.join(SAMPLE[1:])}")
        return self

    def conditions(self, moment: datetime) -> Iterator[sa.ColumnElement[bool]]:
        """For a statement that joins reviews, drafts and revisions."""
        if self.language:
            yield Revision.language == self.language
        if self.agent:
            yield Draft.agent_id == self.agent
        if self.story:
            yield Draft.story_id == self.story
        if self.older:
            yield Review.opened_at <= moment - timedelta(hours=self.older)
        if self.sample:
            yield Draft.is_sample.is_(self.sample == "only")
        if self.warnings:
            yield {"some": TROUBLE < 2, "none": TROUBLE == 2, "unsupported": TROUBLE == 0}[self.warnings]

    def stored(self) -> dict[str, Any]:
        """What is not empty, for a JSON column or an address."""
        return {name: value for name, value in asdict(self).items() if value}


EVERY = Filter()


def of_stored(found: Mapping[str, Any]) -> Filter:
    """The filter that was stored; words of later versions are left out."""
    known = {each.name for each in fields(Filter)}
    return Filter(**{name: value for name, value in found.items() if name in known})
