"""The seven parts of the curator score and what each counts for. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stonehand.curation.errors import WeightsUnfit

PARTS = ("readability", "entities", "neutrality", "relevance", "recency", "reputation", "coherence")
STANDARD: dict[str, float] = {
    "readability": 0.12,
    "entities": 0.12,
    "neutrality": 0.12,
    "relevance": 0.20,
    "recency": 0.12,
    "reputation": 0.12,
    "coherence": 0.20,
}
FORMER = {"ner_density": "entities", "ner": "entities", "sentiment": "neutrality", "tfidf_relevance": "relevance"}
FORMER |= {"topic_coherence": "coherence"}
"""What parts were called before."""
ABOUT = {
    "readability": "long enough to say something, and easy to read",
    "entities": "people, places, dates and sums it names",
    "neutrality": "how evenly it speaks",
    "relevance": "how near it is to the topic, in words and in meaning",
    "recency": "how new it is",
    "reputation": "who published and who wrote it",
    "coherence": "how much of the topic its main phrases hold",
}
TOLERANCE = 0.01
MOST_HOSTS = 500


@dataclass(frozen=True)
class Weights:
    """What each part counts for, half-lives in days, and hosts that somebody trusts or doubts.

    `half_lives` maps a word of the topic to days; the first that the topic holds is taken before `half_life`.
    """

    parts: Mapping[str, float] = field(default_factory=lambda: dict(STANDARD))
    half_life: float = 7.0
    half_lives: Mapping[str, float] = field(default_factory=dict)
    trusted: tuple[str, ...] = ()
    doubted: tuple[str, ...] = ()

    def days(self, topic: str) -> float:
        """The half-life for this topic."""
        low = topic.lower()
        return next((days for word, days in self.half_lives.items() if word.lower() in low), self.half_life)

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        lists = {"trusted": list(self.trusted), "doubted": list(self.doubted)}
        return {"parts": dict(self.parts), "half_life": self.half_life, "half_lives": dict(self.half_lives)} | lists


def checked(
    parts: Mapping[str, Any] | None = None,
    half_life: float = 7.0,
    half_lives: Mapping[str, Any] | None = None,
    trusted: tuple[str, ...] | list[str] = (),
    doubted: tuple[str, ...] | list[str] = (),
) -> Weights:
    """Weights that can be used. Parts that are left out share what is left as the standard does.

    Raises `WeightsUnfit`.
    """
    for days in (half_life, *(half_lives or {}).values()):
        if not _is_number(days) or not 0.01 <= days <= 36_500:
            raise WeightsUnfit(f"a half-life of {days!r} days cannot be; give 0.01 to 36500")
    lists = [_hosts(each) for each in (trusted, doubted)]
    if both := set(lists[0]) & set(lists[1]):
        raise WeightsUnfit(f"{sorted(both)[0]} is both trusted and doubted; choose one")
    return Weights(_parts(parts or {}), float(half_life), dict(half_lives or {}), lists[0], lists[1])


def of_json(kept: Mapping[str, Any]) -> Weights:
    """Weights as they are kept."""
    return checked(**{name: kept[name] for name in Weights.__dataclass_fields__ if name in kept})


def _parts(given: Mapping[str, Any]) -> dict[str, float]:
    named = {FORMER.get(name, name): value for name, value in given.items()}
    if unknown := sorted(set(named) - set(PARTS)):
        raise WeightsUnfit(f"{unknown[0]!r} is not a part of the score; the parts are {', '.join(PARTS)}")
    for name, value in named.items():
        if not _is_number(value) or not 0 <= value <= 1:
            raise WeightsUnfit(f"{name} counts for {value!r}; give a number from 0 to 1")
    missing, left = [name for name in PARTS if name not in named], 1 - sum(named.values())
    if left < -TOLERANCE or (not missing and left > TOLERANCE):
        raise WeightsUnfit(f"the weights sum to {1 - left:.2f}; they must sum to 1")
    share = max(0.0, left) / (sum(STANDARD[name] for name in missing) or 1)
    whole = {name: float(named[name]) if name in named else STANDARD[name] * share for name in PARTS}
    total = sum(whole.values())
    total = 1.0 if abs(total - 1) < 1e-4 else total  # what was only rounded stays as somebody wrote it
    return {name: round(value / total, 6) for name, value in whole.items()}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _hosts(given: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    found = dict.fromkeys(host.strip().lower().removeprefix("www.") for host in given if host.strip())
    if len(found) > MOST_HOSTS:
        raise WeightsUnfit(f"a list of hosts has {len(found)} of them; {MOST_HOSTS} at most")
    wrong = [host for host in found if len(host) > 253 or any(letter in host for letter in " /:@<>\"'")]
    if wrong:
        raise WeightsUnfit(f"{wrong[0][:80]!r} is no host; write it like news.example.org")
    return tuple(found)
