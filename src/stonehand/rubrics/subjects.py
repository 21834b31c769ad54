"""What a rubric looks at: one text with all that is known of it, each measured once however many criteria ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp import entities, keyphrases, labels, lexical, quality, readability, sentences, sentiment
from stonehand.nlp.sentences import Sentence

LONGEST = 30_000  # characters; the rest of a very long text is not judged
MOST_SENTENCES = 24  # that are embedded to find evidence
Matrix = NDArray[np.float32]
Embed = Callable[[Sequence[str]], Matrix]


@dataclass(frozen=True)
class Subject:
    """A text to judge. `vector` is that of its beginning, empty if there is none; `now` is what ages count from."""

    id: str
    title: str
    text: str
    language: str
    now: datetime
    host: str = ""
    source_id: str = ""
    author: str = ""
    published_at: datetime | None = None
    vector: Matrix = field(default_factory=lambda: np.zeros(0, dtype=np.float32))
    model: str = ""
    known_phrases: tuple[keyphrases.KeyPhrase, ...] | None = None
    """What an analysis has found already; None if nobody has looked."""

    @cached_property
    def words(self) -> labels.Words:
        """To be looked up."""
        return labels.Words(self.text)

    @cached_property
    def tokens(self) -> list[str]:
        """Words as written."""
        return lexical.words(self.text)

    @cached_property
    def count(self) -> int:
        """Of words, at least 1."""
        return max(1, len(self.tokens))

    @cached_property
    def sentences(self) -> list[Sentence]:
        """In order."""
        return sentences.split(self.text, self.language)

    @cached_property
    def readability(self) -> readability.Readability:
        """How easy it is."""
        return readability.read(self.text, self.language)

    @cached_property
    def sentiment(self) -> sentiment.Sentiment:
        """Its tone."""
        return sentiment.read(self.text, self.language)

    @cached_property
    def entities(self) -> entities.Entities:
        """What it names."""
        return entities.find(self.text, self.language)

    @cached_property
    def quality(self) -> quality.Quality:
        """By what can be counted."""
        return quality.read(
            self.title, self.text, self.language, sentiment.languages(), self.sentiment, self.readability
        )

    @cached_property
    def phrases(self) -> Sequence[keyphrases.KeyPhrase]:
        """What it speaks of, best first."""
        known = self.known_phrases
        return keyphrases.extract(self.text, self.language) if known is None else known
