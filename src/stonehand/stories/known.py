"""A story as placement knows it in memory, and how it grows by an article. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

import numpy as np

from stonehand.nlp.vectors import Row
from stonehand.stories.placement import Reading

TERMS, NAMES, MEMBERS, LATEST, OUTLETS = 120, 80, 16, 24, 200


@dataclass(frozen=True)
class Member:
    """One article of a story: its vector for the nearest cosine, its headline for the title."""

    vector: Row
    title: str


@dataclass
class KnownStory:
    """A story's sums: enough to compare an article with it and to add one, at a cost that does not grow with it.

    Only the commonest terms and names, the newest members and the latest times are kept.
    """

    id: str
    vector_model: str
    total: Row
    article_count: int
    first_at: datetime
    last_at: datetime
    is_sample: bool
    terms: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    outlets: list[str] = field(default_factory=list)
    latest: list[datetime] = field(default_factory=list)
    last_dated: datetime | None = None
    members: list[Member] = field(default_factory=list)

    @classmethod
    def begin(cls, id: str, reading: Reading) -> KnownStory:  # noqa: A002  the story's id
        """A story without articles; `add` its first."""
        return cls(
            id=id,
            vector_model=reading.vector_model,
            total=np.zeros_like(reading.vector),
            article_count=0,
            first_at=reading.reported_at,
            last_at=reading.reported_at,
            is_sample=reading.is_sample,
        )

    def add(self, reading: Reading) -> None:
        """Count one more article in. A copy adds no words, so that an agency's text does not outvote the others."""
        self.total = self.total + reading.vector
        self.article_count += 1
        self.first_at, self.last_at = min(self.first_at, reading.reported_at), max(self.last_at, reading.reported_at)
        self.latest = sorted([*self.latest, reading.reported_at])[-LATEST:]
        if reading.dated:
            self.last_dated = max(self.last_dated or reading.reported_at, reading.reported_at)
        if reading.outlet not in self.outlets and len(self.outlets) < OUTLETS:
            self.outlets.append(reading.outlet)
        if reading.original_id is None or not self.members:
            self.terms = _commonest(self.terms, reading.terms, TERMS)
            self.names = _commonest(self.names, reading.names, NAMES)
            self.members = [*self.members, Member(reading.vector, reading.title)][-MEMBERS:]
        self.is_sample = self.is_sample and reading.is_sample

    def profile(self) -> dict[str, Any]:
        """What is stored of it beside its columns."""
        return {"terms": dict(self.terms), "names": dict(self.names)} | self.profile_without_words()

    def profile_without_words(self) -> dict[str, Any]:
        """The same but for its terms and names."""
        return {
            "outlets": self.outlets,
            "latest": [moment.isoformat() for moment in self.latest],
            "last_dated": self.last_dated.isoformat() if self.last_dated else None,
        }

    def read_profile(self, stored: dict[str, Any]) -> None:
        """The reverse of `profile`."""
        self.terms, self.names = Counter(stored["terms"]), Counter(stored["names"])
        self.outlets = list(stored["outlets"])
        self.latest = [datetime.fromisoformat(moment) for moment in stored["latest"]]
        self.last_dated = datetime.fromisoformat(stored["last_dated"]) if stored["last_dated"] else None


def _commonest(kept: Counter[str], more: Mapping[str, int], limit: int) -> Counter[str]:
    total = Counter(kept)
    total.update(more)
    if len(total) <= limit:
        return total
    return Counter(dict(sorted(total.items(), key=itemgetter(1), reverse=True)[:limit]))
