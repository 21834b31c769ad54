"""The recent stories in memory: finds the few that an article may belong to. Knows no session and no clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice

import numpy as np

from stonehand.nlp import lexical, similarity
from stonehand.nlp.lexical import Weights
from stonehand.nlp.vectors import Row, unit
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
        self._term_stories: Counter[str] = Counter()
        self._name_stories: Counter[str] = Counter()
        self._term_articles: Counter[str] = Counter()
        self._name_articles: Counter[str] = Counter()
        self._articles = 0
        self._edge: datetime | None = None

    def put(self, story: KnownStory) -> None:
        """Add a story, or replace what was known of it."""
        self._count_words(self.stories.get(story.id), -1)
        self.stories[story.id] = story
        self._count_words(story, 1)
        self._set_mean(story)

    def grow(self, story: KnownStory, reading: Reading) -> None:
        """Add an article to a story of this window, or to a new one."""
        self._count_words(self.stories.get(story.id), -1)
        story.add(reading)
        self.stories[story.id] = story
        self._count_words(story, 1)
        self._set_mean(story)

    def _count_words(self, story: KnownStory | None, step: int) -> None:
        if story is None:
            return
        self._articles += step * story.article_count
        counters = ((self._term_stories, self._term_articles), (self._name_stories, self._name_articles))
        for (stories, articles), words in zip(counters, (story.terms, story.names), strict=True):
            for word, count in words.items():
                stories[word] += step
                # how many of its articles have the word is not kept: as many as possible, for common words repeat
                articles[word] += step * min(count, story.article_count)
                if not stories[word]:
                    del stories[word], articles[word]

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
        story = self.stories.pop(story_id, None)
        self._count_words(story, -1)
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
        terms = {word: self._term_articles[word] for each in readings for word in each.terms}
        names = {word: self._name_articles[word] for each in readings for word in each.names}
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
        terms = self._weighed(reading.terms, self._term_stories)
        names = self._weighed(reading.names, self._name_stories)
        return decide(list(islice(self._candidates(reading), CANDIDATES)), terms, names)

    def _candidates(self, reading: Reading) -> Iterator[Candidate]:
        for row, cosine in self._top(reading.vector, 4 * CANDIDATES):
            story = self.stories.get(self._rows[row])
            if story is None:
                continue
            gap = _days_apart(story, reading)
            if gap > WINDOW_DAYS or story.vector_model != reading.vector_model:
                continue
            nearest = max((float(member.vector @ reading.vector) for member in story.members), default=cosine)
            terms = self._weighed(story.terms, self._term_stories)
            names = self._weighed(story.names, self._name_stories)
            yield Candidate(story.id, cosine, nearest, gap, terms, names)

    def _weighed(self, counted: Mapping[str, int], stories: Counter[str]) -> Weights:
        return lexical.weigh_among(counted, stories, len(self.stories))


def _days_apart(story: KnownStory, reading: Reading) -> float:
    """Days between the article and the span of the story; 0 inside it."""
    gap = max(reading.reported_at - story.last_at, story.first_at - reading.reported_at, timedelta(0))
    return gap / timedelta(days=1)
