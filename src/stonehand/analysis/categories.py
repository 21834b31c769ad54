"""The categories and topics that articles are sorted into: described in a file, found by meaning and words."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp import labels
from stonehand.nlp.labels import Fit, Label, Words

OTHER = "Other"
LEAST_SHARE = 0.25  # of ten categories' odds; below it none fits, unless it leads clearly
LEAD, ALONE = 1.5, 0.4  # times the next share; a share that suffices without any word of it
LEAST_TOPIC = 0.06  # of about forty topics' odds
MOST_TOPICS = 3
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Sorted:
    """The category, other categories with their shares, and the topics. `category` is `Other` if none fits."""

    category: str
    score: float
    fits: tuple[Fit, ...]
    topics: tuple[Fit, ...]


@dataclass(frozen=True)
class Drawers:
    """All labels, and which category each topic belongs to."""

    categories: tuple[Label, ...]
    topics: tuple[Label, ...]
    home: dict[str, str]

    @property
    def descriptions(self) -> list[str]:
        """What is embedded: the categories' first, then the topics'."""
        return [f"{label.name}: {label.description}" for label in (*self.categories, *self.topics)]


@cache
def drawers() -> Drawers:
    """The labels of `categories.txt`."""
    categories, topics, home = list[Label](), list[Label](), dict[str, str]()
    for line in files(__package__).joinpath("categories.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        label = _label(line)
        if line.startswith(" "):
            topics.append(label)
            home[label.name] = categories[-1].name
        else:
            categories.append(label)
    whole = tuple(
        _with_topics(each, [topic for topic in topics if home[topic.name] == each.name]) for each in categories
    )
    return Drawers(whole, tuple(topics), home)


def _with_topics(category: Label, topics: Sequence[Label]) -> Label:
    """What speaks for a topic speaks for its category."""
    words = {
        language: tuple(dict.fromkeys((*own, *(word for topic in topics for word in topic.keywords[language]))))
        for language, own in category.keywords.items()
    }
    return Label(category.name, category.description, words)


def _label(line: str) -> Label:
    name, description, english, german = (part.strip() for part in line.split("|"))
    return Label(name, description, {"en": tuple(shlex.split(english)), "de": tuple(shlex.split(german))})


def names() -> tuple[str, ...]:
    """Every category, and `Other`."""
    return (*(label.name for label in drawers().categories), OTHER)


def sort(text: str, language: str, cosines: NDArray[np.floating], words: Words | None = None) -> Sorted:
    """Where a text belongs. `cosines` are its to `descriptions`, in their order; zeros where there is no vector."""
    known, seen = drawers(), words or Words(text)
    count = len(known.categories)
    fits = labels.fit(text, language, known.categories, cosines[:count], seen)
    best = fits[0]
    by_words = best.hits and (best.score >= LEAST_SHARE or best.score >= LEAD * fits[1].score)
    is_sure = bool(by_words) or best.score >= ALONE
    category = best.name if is_sure else OTHER
    topics = labels.fit(text, language, known.topics, cosines[count:], seen)
    kept = [each for each in topics if each.hits and each.score >= LEAST_TOPIC][:MOST_TOPICS]
    return Sorted(category, best.score if is_sure else 0.0, tuple(fits[:3]), tuple(kept))
