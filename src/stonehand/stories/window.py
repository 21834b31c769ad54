"""The recent stories in memory: finds the few that an article may belong to. Knows no session and no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from stonehand.nlp import lexical, similarity
from stonehand.nlp.lexical import Weights
from stonehand.nlp.vectors import Row, unit
from stonehand.nlp.vocabulary import Counted, Vocabulary
from stonehand.stories.known import KnownStory
from stonehand.stories.placement import CANDIDATES, WINDOW_DAYS, Candidate, Decision, Reading, decide
from stonehand.vectors import signs

WIDTH = 384
OFTEN = timedelta(hours=1)  # between two looks for stories that have grown old
ALL = 1024  # stories up to which every mean is compared in full: more do not stay in a core's cache between articles
ALIKE = 512  # among more, those with the most signs in common; the eight best are among them but for one in 500


class Window:
    """Stories that were last reported on within 14 days, as one matrix of means beside what is known of each."""

    def __init__(self) -> None:
        self.epoch = ""
        self.count = -1
        """The lock's count up to which every change of a story is in here."""
        self.stories: dict[str, KnownStory] = {}
        self._rows: list[str] = []
        self._place: dict[str, int] = {}
        self._means: Row = np.zeros((64, WIDTH), dtype=np.float32)
        self._signs: signs.Bits = np.zeros((0, signs.WORDS, signs.BLOCK), dtype=np.uint64)
        self._terms, self._names = Vocabulary(), Vocabulary()
        self._counted: dict[str, tuple[Counted, Counted]] = {}
        """The terms and the names of each story, as they were counted."""
        self._articles = 0
        self._edge: datetime | None = None

    def put(self, story: KnownStory) -> None:
        """Add a story, or replace what was known of it."""
        self._count_out(self.stories.get(story.id))
        self._count_in(story)

    def grow(self, story: KnownStory, reading: Reading) -> None:
        """Add an article to a story of this window, or to a new one."""
        self._count_out(self.stories.get(story.id))
        story.add(reading)
        self._count_in(story)

    def _count_in(self, story: KnownStory) -> None:
        self.stories[story.id] = story
        self._counted[story.id] = self._terms.read(story.terms), self._names.read(story.names)
        self._count(story, 1)
        self._set_mean(story)

    def _count_out(self, story: KnownStory | None) -> None:
        if story is not None:
            self._count(story, -1)
            del self._counted[story.id]

    def _count(self, story: KnownStory, step: int) -> None:
        self._articles += step * story.article_count
        for vocabulary, counted in zip((self._terms, self._names), self._counted[story.id], strict=True):
            vocabulary.add(counted, story.article_count, step)

    def _set_mean(self, story: KnownStory) -> None:
        row = self._place.setdefault(story.id, len(self._rows))
        if row == len(self._rows):
            self._rows.append(story.id)
        if row >= len(self._means):
            self._means = np.vstack([self._means, np.zeros_like(self._means)])
        mean = self._means[row] = unit(story.total)
        if row // signs.BLOCK >= len(self._signs):
            self._signs = np.concatenate([self._signs, np.zeros((1, signs.WORDS, signs.BLOCK), dtype=np.uint64)])
        self._signs[row // signs.BLOCK, :, row % signs.BLOCK] = signs.signs(mean[np.newaxis])[0]

    def drop(self, story_id: str) -> None:
        """Forget a story that was merged away. Its row stays and matches nothing."""
        self._count_out(self.stories.pop(story_id, None))
        row = self._place.pop(story_id, None)
        if row is not None:
            self._means[row], self._rows[row] = 0.0, ""

    def near(self, story_id: str, most: int, least: float) -> list[str]:
        """The stories whose means are closest to that of this one, at a cosine of at least `least`."""
        row = self._means[self._place[story_id]]
        found = [(self._rows[at], cosine) for at, cosine in self._top(row, most + 1)]
        return [each for each, cosine in found if each and each != story_id and cosine >= least][:most]

    def rarities(self, readings: Iterable[Reading]) -> tuple[Weights, Weights]:
        """How rare the terms and the names of these articles are among all articles of the window."""
        terms = self._terms.parts(word for each in readings for word in each.terms)
        names = self._names.parts(word for each in readings for word in each.names)
        return lexical.rarities(terms, self._articles), lexical.rarities(names, self._articles)

    def _top(self, row: Row, most: int) -> list[tuple[int, float]]:
        """The places of the closest means and their cosines. Among many, the signs say which may be close."""
        count = len(self._rows)
        if count <= ALL:
            return similarity.top(self._means[:count], row, most)
        differing = signs.differing(self._signs, signs.signs(row[np.newaxis])[0], count)
        places = np.flatnonzero(differing <= signs.cut(differing, max(ALIKE, 8 * most)))
        return [(int(places[at]), cosine) for at, cosine in similarity.top(self._means[places], row, most)]

    def without_old(self, edge: datetime) -> Window:
        """This window, or once a tenth of its stories were last reported on before `edge`, one without those."""
        if self._edge and edge - self._edge < OFTEN:  # looking at all of them each time would cost more than placing
            return self
        self._edge = edge
        kept = [story for story in self.stories.values() if story.last_at >= edge]
        if len(kept) * 10 >= len(self.stories) * 9:
            return self
        fresh = Window()
        fresh.epoch, fresh.count, fresh._edge = self.epoch, self.count, edge
        for story in kept:
            fresh.put(story)
        return fresh

    def without(self, story_ids: Collection[str]) -> Window:
        """This window, or one without these stories if it knows any."""
        if self.stories.keys().isdisjoint(story_ids):
            return self
        fresh = Window()
        fresh.epoch, fresh.count = self.epoch, self.count
        for story in self.stories.values():
            if story.id not in story_ids:
                fresh.put(story)
        return fresh

    def decide(self, reading: Reading) -> Decision:
        """Which story this article belongs to: one matrix product, and eight comparisons however many there are."""
        near, total = list(islice(self._near(reading), CANDIDATES)), len(self.stories)
        counted = [self._counted[story.id] for story, _ in near]
        words = self._terms.cosines(reading.terms, [terms for terms, _ in counted], total)
        named = self._names.cosines(reading.names, [names for _, names in counted], total)
        found = [_candidate(*each, reading, *alike) for each, *alike in zip(near, words, named, strict=True)]
        return decide(found, self._names.weights(reading.names, total))

    def _near(self, reading: Reading) -> Iterator[tuple[KnownStory, float]]:
        """Stories that the article may belong to and the cosines of their means, the closest first."""
        for row, cosine in self._top(reading.vector, 4 * CANDIDATES):
            story = self.stories.get(self._rows[row])
            if story and _days_apart(story, reading) <= WINDOW_DAYS and story.vector_model == reading.vector_model:
                yield story, cosine


def _candidate(story: KnownStory, cosine: float, reading: Reading, words: float, named: float) -> Candidate:
    nearest = max((float(member.vector @ reading.vector) for member in story.members), default=cosine)
    return Candidate(story.id, cosine, nearest, words, named, _days_apart(story, reading), story.names)


def _days_apart(story: KnownStory, reading: Reading) -> float:
    """Days between the article and the span of the story; 0 inside it."""
    gap = max(reading.reported_at - story.last_at, story.first_at - reading.reported_at, timedelta(0))
    return gap / timedelta(days=1)
