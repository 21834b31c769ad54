"""How much of a text is copied: the longest run of words shared with each source, and the share in such runs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from stonehand.drafts.pieces import SourceText

RUN = 5  # words; a shorter run is chance
OCCURRENCES = 20  # looked at for each run of five; keeps repetitive text from costing the square of its length
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class Overlap:
    """`longest` in words, `share` of the text's words (0..1) that stand in runs of five or more from this source."""

    article_id: str
    longest: int
    share: float


def measure(text: str, sources: Sequence[SourceText]) -> list[Overlap]:
    """The overlap of a plain text with each source, the longest run first. Costs about the length of all texts."""
    words = _words(text)
    found = [_overlap(words, source) for source in sources]
    return sorted(found, key=lambda overlap: (-overlap.longest, overlap.article_id))


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _overlap(words: list[str], source: SourceText) -> Overlap:
    positions: dict[tuple[str, ...], list[int]] = defaultdict(list)
    theirs = _words(source.text)
    for at in range(len(theirs) - RUN + 1):
        positions[tuple(theirs[at : at + RUN])].append(at)
    longest, copied = 0, bytearray(len(words))
    before: dict[int, int] = {}
    for at in range(len(words) - RUN + 1):
        runs = {
            there: before.get(there - 1, RUN - 1) + 1
            for there in positions.get(tuple(words[at : at + RUN]), ())[:OCCURRENCES]
        }
        if runs:
            longest = max(longest, *runs.values())
            copied[at : at + RUN] = b"\x01" * RUN
        before = runs
    return Overlap(source.article_id, longest, sum(copied) / len(words) if words else 0.0)
