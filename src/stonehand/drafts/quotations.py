"""Finds what stands in quotation marks in a text, and proves it: the same words, at their offsets in a source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from stonehand.drafts.escaping import plain
from stonehand.drafts.pieces import SourceText
from stonehand.nlp import prose

FEWEST_WORDS = 3  # what is shorter is a name or a wink, and proves nothing
LONGEST = 1200  # characters
_PAIRS = (("“", "”"), ("„", "“"), ("„", "”"), ("«", "»"), ("»", "«"), ('"', '"'))
_QUOTED = re.compile(
    "|".join(
        rf"{opens}(?P<q{at}>[^{opens}{closes}\n]{{4,{LONGEST}}}){closes}" for at, (opens, closes) in enumerate(_PAIRS)
    )
)
_END = ".,;:!?…"
_ALIKE = {"'": "['’‘]", "’": "['’‘]", "-": "[-‐–]", "–": "[-‐–]"}


@dataclass(frozen=True)
class Quotation:
    """Words in quotation marks at `start:end` of the Markdown, and where a source has them; None if none does."""

    start: int
    end: int
    words: str
    article_id: str | None = None
    source_start: int | None = None
    source_end: int | None = None

    @property
    def is_proven(self) -> bool:
        """Whether a source has these very words."""
        return self.article_id is not None


def find(markdown: str, sources: Sequence[SourceText]) -> list[Quotation]:
    """Every quotation of three words or more in the prose, in order.

    Blanks, apostrophes and dashes may differ in form, and a mark at the end may belong to the sentence around it.
    """
    found = []
    for match in _QUOTED.finditer(prose.before_sources(markdown)):
        start, end = next(match.span(name) for name, said in match.groupdict().items() if said is not None)
        words = plain(prose.CITATION.sub("", markdown[start:end])).replace("*", "")
        if len(words.split()) >= FEWEST_WORDS:
            found.append(_proven(start, end, words, sources))
    return found


def _proven(start: int, end: int, words: str, sources: Sequence[SourceText]) -> Quotation:
    wanted = re.compile(r"\s+".join(map(_tolerant, words.rstrip(_END).split())))
    for source in sources:
        match = wanted.search(source.text)
        if match:
            return Quotation(start, end, words, source.article_id, match.start(), match.end())
    return Quotation(start, end, words)


def _tolerant(word: str) -> str:
    return "".join(_ALIKE.get(letter) or re.escape(letter) for letter in word)
