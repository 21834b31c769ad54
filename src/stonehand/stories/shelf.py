"""The stories of a window, each in a few large pieces of memory.

Some thousands of them stay in a process for its whole life, and pages are read beside them. As dictionaries of words
they were so many small objects, scattered over so much memory, that reading a page took a fifth longer (decision 0095).
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from stonehand.nlp.lexical import WIDTH
from stonehand.nlp.vectors import Row
from stonehand.stories.known import KnownStory, Member
from stonehand.stories.lexicon import Bag, Lexicon


@dataclass(frozen=True, slots=True)
class Packed:
    """A story at rest: what comparing needs can be read at once, everything else is one text."""

    vector_model: str
    article_count: int
    first_at: datetime
    last_at: datetime
    words: bytes
    """int32 [2, terms + names]: the numbers of its words, and how often each occurs."""
    terms: int
    """How many of the words are terms; the others are names."""
    vectors: bytes
    """float32 [1 + members, WIDTH]: the sum of all, then its members'."""
    rest: str
    """JSON: titles, outlets, times."""

    @property
    def bags(self) -> tuple[Bag, Bag]:
        """The terms and the names."""
        words, counts = np.frombuffer(self.words, dtype=np.int32).reshape(2, -1)
        return Bag(words[: self.terms], counts[: self.terms]), Bag(words[self.terms :], counts[self.terms :])

    @property
    def total(self) -> Row:
        """The sum of the vectors of all articles."""
        total: Row = self._rows[0]
        return total

    @property
    def members(self) -> Row:
        """float32 [members, WIDTH]."""
        return self._rows[1:]

    @property
    def _rows(self) -> Row:
        return np.frombuffer(self.vectors, dtype=np.float32).reshape(-1, WIDTH)


class Shelf(Mapping[str, KnownStory]):
    """Stories by id. One is unpacked whenever it is asked for, so what is done to it is known here once it is put."""

    def __init__(self, terms: Lexicon, names: Lexicon) -> None:
        self._packed: dict[str, Packed] = {}
        self._terms, self._names = terms, names

    def __len__(self) -> int:
        return len(self._packed)

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __contains__(self, story_id: object) -> bool:
        return story_id in self._packed

    def __getitem__(self, story_id: str) -> KnownStory:
        return self._unpacked(story_id, self._packed[story_id])

    def packed(self, story_id: str) -> Packed | None:
        """A story as it is kept, if it is here."""
        return self._packed.get(story_id)

    def names(self, story_id: str) -> Counter[str]:
        """The names of a story that is here, without the rest of it."""
        return self._names.counted(self._packed[story_id].bags[1])

    def reported_since(self, edge: datetime) -> list[str]:
        """The ids of those that were reported on at or after this moment."""
        return [story_id for story_id, packed in self._packed.items() if packed.last_at >= edge]

    def put(self, story: KnownStory) -> Packed:
        """Keep it, in place of what was known of it. Returns it as it is kept."""
        terms, names = self._terms.bag(story.terms), self._names.bag(story.names)
        words = [terms.words, names.words, terms.counts, names.counts]
        vectors = [story.total, *(member.vector for member in story.members)]
        packed = self._packed[story.id] = Packed(
            vector_model=sys.intern(story.vector_model),
            article_count=story.article_count,
            first_at=story.first_at,
            last_at=story.last_at,
            words=b"".join(each.tobytes() for each in words),
            terms=len(terms.words),
            vectors=b"".join(each.astype(np.float32, copy=False).tobytes() for each in vectors),
            rest=json.dumps(_rest(story), ensure_ascii=False),
        )
        return packed

    def drop(self, story_id: str) -> None:
        """Forget it."""
        del self._packed[story_id]

    def _unpacked(self, story_id: str, packed: Packed) -> KnownStory:
        rest = json.loads(packed.rest)
        terms, names = packed.bags
        found = zip(packed.members, rest["titles"], strict=True)
        story = KnownStory(
            id=story_id,
            vector_model=packed.vector_model,
            total=packed.total,
            article_count=packed.article_count,
            first_at=packed.first_at,
            last_at=packed.last_at,
            is_sample=rest["is_sample"],
            members=[Member(vector, title) for vector, title in found],
        )
        story.read_profile(rest | {"terms": self._terms.counted(terms), "names": self._names.counted(names)})
        return story


def _rest(story: KnownStory) -> dict[str, Any]:
    titles = [member.title for member in story.members]
    return story.profile_without_words() | {"titles": titles, "is_sample": story.is_sample}
