"""Where a datum of an article comes from, and how far it can be trusted. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypedDict, TypeVar

Origin = Literal["json-ld", "opengraph", "meta", "html", "byline", "feed", "guess", "first line"]
T_co = TypeVar("T_co", covariant=True)

# The share that was right on real pages, by origin (`make bench FIGURE=extraction.title` prints them); what no truth
# was there to count for has the figure of its like.
CONFIDENCE: dict[str, dict[Origin, float]] = {
    "title": {"json-ld": 0.88, "opengraph": 0.78, "meta": 0.78, "html": 0.7, "feed": 0.7, "first line": 0.3},
    "author": {"json-ld": 0.92, "meta": 0.93, "opengraph": 0.9, "byline": 0.85, "feed": 0.8, "guess": 0.4},
    "published": {
        **{"opengraph": 0.92, "json-ld": 0.83, "meta": 0.88, "html": 0.95, "byline": 0.87, "feed": 0.9},
        "guess": 0.56,
    },
}
OTHERWISE: dict[Origin, float] = {"json-ld": 0.9, "opengraph": 0.9, "meta": 0.8, "html": 0.8, "byline": 0.6}
LEAST = 0.5


class Trust(TypedDict):
    """Where one datum comes from, and the probability that it is right, 0 to 1."""

    origin: str
    confidence: float


Origins = dict[str, Trust]


@dataclass(frozen=True)
class Datum(Generic[T_co]):
    """A value, and where it was found."""

    value: T_co
    origin: Origin


def origins(data: Mapping[str, Datum[Any] | None]) -> Origins:
    """What is to be said about each datum that was found."""
    return {
        name: {"origin": datum.origin, "confidence": confidence(name, datum.origin)}
        for name, datum in data.items()
        if datum
    }


def confidence(name: str, origin: Origin) -> float:
    """How often a datum of this name is right if it comes from there."""
    return CONFIDENCE.get(name, {}).get(origin, OTHERWISE.get(origin, LEAST))
