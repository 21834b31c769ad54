"""The words of a window as numbers, so that an article is compared with many stories in a few array operations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bag:
    """Words by their numbers, each once, and how often each occurs."""

    words: NDArray[np.int32]
    counts: NDArray[np.int32]


class Lexicon:
    """Which number a word has, and how many stories and articles of the window have it."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._words: list[str] = []
        self._stories = np.zeros(1024, dtype=np.int32)
        self._articles = np.zeros(1024, dtype=np.int32)
        self._asked = np.zeros(1024)
        """The weights of the article that is being compared; zeros otherwise."""

    def bag(self, counted: Mapping[str, int]) -> Bag:
        """These words as numbers; new ones get the next."""
        numbers = self._numbers
        words = np.array([numbers.setdefault(word, len(numbers)) for word in counted], dtype=np.int32)
        while len(numbers) > len(self._asked):
            self._double()
        fresh = list(islice(reversed(numbers), len(numbers) - len(self._words)))
        self._words += reversed(fresh)
        return Bag(words, np.array(list(counted.values()), dtype=np.int32))

    def counted(self, bag: Bag) -> Counter[str]:
        """The words of a bag again, and how often each occurs."""
        words = (self._words[number] for number in bag.words.tolist())
        return Counter(dict(zip(words, bag.counts.tolist(), strict=True)))

    def _double(self) -> None:
        counts = np.zeros_like(self._stories)
        self._stories, self._articles = np.append(self._stories, counts), np.append(self._articles, counts)
        self._asked = np.append(self._asked, np.zeros_like(self._asked))

    def count(self, bag: Bag, articles: int, step: int) -> None:
        """Count a story of so many articles in (1) or out (-1)."""
        self._stories[bag.words] += step
        # how many of its articles have the word is not kept: as many as possible, for common words repeat
        self._articles[bag.words] += step * np.minimum(bag.counts, articles)

    def articles(self, words: Collection[str]) -> dict[str, int]:
        """How many articles have each of these words."""
        known = {word: self._numbers.get(word) for word in words}
        return {word: 0 if number is None else int(self._articles[number]) for word, number in known.items()}

    def weights(self, bag: Bag, total: int) -> Floats:
        """(1 + ln tf) x (ln((total + 1) / (stories + 1)) + 1) of each word among so many stories. Salton 1988."""
        rarity = np.log((total + 1) / (self._stories[bag.words] + 1)) + 1
        return np.asarray((1 + np.log(bag.counts)) * rarity)

    def cosines(self, bag: Bag, others: Sequence[Bag], total: int) -> Floats:
        """float64 [len(others)]: the cosine of the weights of one bag to those of each other."""
        every = Bag(np.concatenate([each.words for each in others]), np.concatenate([each.counts for each in others]))
        owner = np.repeat(np.arange(len(others)), [len(each.words) for each in others])
        mine, theirs = self.weights(bag, total), self.weights(every, total)
        self._asked[bag.words] = mine
        products = np.bincount(owner, theirs * self._asked[every.words], len(others))
        self._asked[bag.words] = 0.0
        squares = np.bincount(owner, theirs * theirs, len(others)) * (mine @ mine)
        return np.divide(products, np.sqrt(squares), out=np.zeros(len(others)), where=squares > 0)
