"""Decides which story an article belongs to: an online leader over vectors, words and names. Pure.

score = 0.2 x (cosine to the story's mean + cosine to its nearest article + cosine of the words) + 0.4 x cosine of the
names, minus up to LATE as the gap in time grows to WINDOW_DAYS. Words and names are weighed by how few stories have
them, and names count double, so that two events of one kind (another place, other people, other numbers) stay apart
although their vectors are close.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from stonehand.nlp import lexical
from stonehand.nlp.vectors import Row

THRESHOLD = 0.42
LATE = 0.08
WINDOW_DAYS = 14.0
CANDIDATES = 8
LEADING_WORDS = 400
SHOWN_NAMES = 6
ENDS, AFTER = tuple(".!?:;…。！？؟।"), " \t'\"”’»)]"  # of sentences, and what may follow


@dataclass(frozen=True)
class Reading:
    """What placing needs to know of an article. `reported_at` is when it was published, or read if that is unknown."""

    article_id: str
    title: str
    outlet: str
    url: str
    vector: Row
    vector_model: str
    terms: Mapping[str, int]
    names: Mapping[str, int]
    reported_at: datetime
    dated: bool
    original_id: str | None
    is_sample: bool


@dataclass(frozen=True)
class Evidence:
    """Why an article was placed: each part of the score, and the rarest names it shares with the story it joined."""

    score: float
    cosine: float
    nearest: float
    words: float
    names: float
    days_apart: float
    shared: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"shared": list(self.shared)}


@dataclass(frozen=True)
class Candidate:
    """A story near to an article: the cosines to its mean, to its nearest article, of the words and of the names."""

    story_id: str
    cosine: float
    nearest: float
    days_apart: float
    words: float
    names: float


@dataclass(frozen=True)
class Decision:
    """The story to join, or None to begin one; with the evidence for joining, if there was a candidate at all."""

    story_id: str | None
    evidence: Evidence | None


def read_words(title: str, text: str, language: str) -> tuple[dict[str, int], dict[str, int]]:
    """The terms and the names of an article's title and first 400 words of prose, each with its count."""
    beginning = f"{title}\n{' '.join(prose(text).split(maxsplit=LEADING_WORDS)[:LEADING_WORDS])}"
    return lexical.counts_and_names(beginning, language)


def prose(text: str) -> str:
    """The first line, and those that end as sentences do; the whole text if they are less than half of it.

    Bylines, headings and lists of other headlines are alike on all pages of an outlet, whatever a page is about: by
    them its stories would become one.
    """
    first, *others = text.strip().splitlines() or [""]
    kept = "\n".join([first, *(line for line in others if line.rstrip(AFTER).endswith(ENDS))])
    return kept if 2 * len(kept) >= len(text) else text


def rarest(names: Collection[str], weights: Mapping[str, float]) -> tuple[str, ...]:
    """Those of an article's weighed names that are among these, the weightiest first, up to SHOWN_NAMES."""
    shared = sorted(weights.keys() & names, key=lambda name: (-weights[name], name))
    return tuple(shared[:SHOWN_NAMES])


def weigh(candidate: Candidate) -> Evidence:
    """How well an article fits into a story, and why."""
    late = LATE * min(1.0, candidate.days_apart / WINDOW_DAYS)
    alike = candidate.cosine + candidate.nearest + candidate.words
    return Evidence(
        score=round(0.2 * alike + 0.4 * candidate.names - late, 4),
        cosine=round(candidate.cosine, 4),
        nearest=round(candidate.nearest, 4),
        words=round(candidate.words, 4),
        names=round(candidate.names, 4),
        days_apart=round(candidate.days_apart, 2),
    )


def decide(candidates: Sequence[Candidate]) -> Decision:
    """The best candidate whose score reaches the threshold."""
    weighed = [(weigh(candidate), candidate.story_id) for candidate in candidates]
    if not weighed:
        return Decision(None, None)
    evidence, story_id = max(weighed, key=lambda pair: pair[0].score)
    return Decision(story_id if evidence.score >= THRESHOLD else None, evidence)
