"""The words of many documents as numbers, so that one is compared with several others without looking at each word."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp.lexical import Weights

Numbers = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Counted:
    """The words of a document by their numbers, and how often each occurs, at least once."""

    words: Numbers
    counts: Numbers


class Vocabulary:
    """How many documents, and how many of their parts, have each word. A word keeps its number when those have gone."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._documents: Numbers = np.zeros(1024, dtype=np.int32)
        self._parts: Numbers = np.zeros(1024, dtype=np.int32)
        self._asked: Floats = np.zeros(1024)
        """Of the words of the document that is being compared their weights, else 0: made anew for each it would cost
        more the more words there are."""

    def read(self, counted: Mapping[str, int]) -> Counted:
        """A document by numbers. Words that are new get theirs."""
        numbers = self._numbers
        words = [numbers.setdefault(word, len(numbers)) for word in counted]
        while len(numbers) > len(self._documents):
            self._documents, self._parts = _longer(self._documents), _longer(self._parts)
            self._asked = _longer(self._asked)
        return Counted(np.array(words, dtype=np.int32), np.array(list(counted.values()), dtype=np.int32))

    def add(self, document: Counted, parts: int, step: int) -> None:
        """Count a document of so many parts in (step 1) or out (step -1).

        How many of its parts have a word is not known: as many as possible, for common words repeat.
        """
        self._documents[document.words] += step
        self._parts[document.words] += step * np.minimum(document.counts, parts)

    def parts(self, words: Iterable[str]) -> dict[str, int]:
        """How many parts have each of these words."""
        return {word: int(self._parts[self._numbers[word]]) if word in self._numbers else 0 for word in words}

    def weights(self, counted: Mapping[str, int], total: int) -> Weights:
        """`lexical.weigh` by how rare each word is among `total` documents."""
        return dict(zip(counted, _unit(self._weigh(self.read(counted), total)).tolist(), strict=True))

    def cosines(self, one: Mapping[str, int], others: Sequence[Counted], total: int) -> list[float]:
        """Of the weights of one document and of each of the others."""
        mine = self.read(one)
        self._asked[mine.words] = _unit(self._weigh(mine, total))
        found = [float(self._asked[other.words] @ _unit(self._weigh(other, total))) for other in others]
        self._asked[mine.words] = 0.0
        return found

    def _weigh(self, document: Counted, total: int) -> Floats:
        rarity = np.log((total + 1) / (self._documents[document.words] + 1)) + 1
        found: Floats = (1 + np.log(document.counts)) * rarity
        return found


def _longer(numbers: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([numbers, np.zeros_like(numbers)])


def _unit(weights: Floats) -> Floats:
    return weights / np.sqrt(weights @ weights) if len(weights) else weights
