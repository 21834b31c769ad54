"""The recent stories in memory: finds the few that an article may belong to. Knows no session and no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from stonehand.nlp import lexical
from stonehand.nlp.lexical import Weights
from stonehand.nlp.vectors import unit
from stonehand.stories.known import KnownStory
from stonehand.stories.lexicon import Bag, Lexicon
from stonehand.stories.means import Means
from stonehand.stories.placement import CANDIDATES, WINDOW_DAYS, Candidate, Decision, Reading, decide, rarest

OFTEN = timedelta(hours=1)  # between two looks for stories that have grown old


class Window:
    """Stories that were last reported on within 14 days, as one matrix of means beside what is known of each."""

    def __init__(self) -> None:
        self.epoch = ""
        self.count = -1
        """The lock's count up to which every change of a story is in here."""
        self.stories: dict[str, KnownStory] = {}
        self._rows: list[str] = []
        self._place: dict[str, int] = {}
        self._means = Means()
        self._terms, self._names = Lexicon(), Lexicon()
        self._bags: dict[str, tuple[Bag, Bag]] = {}
        """The terms and the names of each story."""
        self._articles = 0
        self._edge: datetime | None = None

    def put(self, story: KnownStory) -> None:
        """Add a story, or replace what was known of it."""
        self._count_out(story.id)
        self._count_in(story)
        self._set_mean(story)

    def grow(self, story: KnownStory, reading: Reading) -> None:
        """Add an article to a story of this window, or to a new one."""
        self._count_out(story.id)
        story.add(reading)
        self._count_in(story)
        self._set_mean(story)

    def _count_in(self, story: KnownStory) -> None:
        self.stories[story.id] = story
        self._bags[story.id] = self._terms.bag(story.terms), self._names.bag(story.names)
        self._count(story, 1)

    def _count_out(self, story_id: str) -> None:
        if story := self.stories.get(story_id):
            self._count(story, -1)

    def _count(self, story: KnownStory, step: int) -> None:
        terms, names = self._bags[story.id]
        self._articles += step * story.article_count
        self._terms.count(terms, story.article_count, step)
        self._names.count(names, story.article_count, step)

    def _set_mean(self, story: KnownStory) -> None:
        place = self._place.setdefault(story.id, len(self._rows))
        if place == len(self._rows):
            self._rows.append(story.id)
        self._means.put(place, unit(story.total))

    def drop(self, story_id: str) -> None:
        """Forget a story that was merged away. Its row stays and matches nothing."""
        if story_id in self.stories:
            self._count_out(story_id)
            del self.stories[story_id], self._bags[story_id]
            place = self._place.pop(story_id)
            self._means.take_out(place)
            self._rows[place] = ""

    def near(self, story_id: str, most: int, least: float) -> list[str]:
        """The stories whose means are closest to that of this one, at a cosine of at least `least`."""
        mean = self._means.at(self._place[story_id])
        found = [(self._rows[place], cosine) for place, cosine in self._means.top(mean, most + 1)]
        return [each for each, cosine in found if each and each != story_id and cosine >= least][:most]

    def rarities(self, readings: Iterable[Reading]) -> tuple[Weights, Weights]:
        """How rare the terms and the names of these articles are among all articles of the window."""
        terms = self._terms.articles({word for each in readings for word in each.terms})
        names = self._names.articles({word for each in readings for word in each.names})
        return lexical.rarities(terms, self._articles), lexical.rarities(names, self._articles)

    def without_old(self, edge: datetime) -> Window:
        """This window, or once a tenth of its stories were last reported on before `edge`, one without those."""
        if self._edge and edge - self._edge < OFTEN:  # looking at all of them each time would cost more than placing
            return self
        self._edge = edge
        kept = [story for story in self.stories.values() if story.last_at >= edge]
        if len(kept) * 10 >= len(self.stories) * 9:
            return self
        return self._with_only(kept)

    def without(self, story_ids: Collection[str]) -> Window:
        """This window, or one without these stories if it knows any."""
        if self.stories.keys().isdisjoint(story_ids):
            return self
        return self._with_only(story for story in self.stories.values() if story.id not in story_ids)

    def _with_only(self, kept: Iterable[KnownStory]) -> Window:
        fresh = Window()
        fresh.epoch, fresh.count, fresh._edge = self.epoch, self.count, self._edge
        for story in kept:
            fresh.put(story)
        return fresh

    def decide(self, reading: Reading) -> Decision:
        """Which story this article belongs to: one matrix product, and eight comparisons however many there are."""
        near = list(islice(self._near(reading), CANDIDATES))
        return decide(self._compared(near, reading) if near else [])

    def _near(self, reading: Reading) -> Iterator[tuple[KnownStory, float, float]]:
        """The stories it may belong to, those with the closest mean first; the cosine to it, and the days between."""
        for place, cosine in self._means.top(reading.vector, 4 * CANDIDATES):
            story = self.stories.get(self._rows[place])
            if story is None or story.vector_model != reading.vector_model:
                continue
            gap = _days_apart(story, reading)
            if gap <= WINDOW_DAYS:
                yield story, cosine, gap

    def _compared(self, near: Sequence[tuple[KnownStory, float, float]], reading: Reading) -> list[Candidate]:
        total, bags = len(self.stories), [self._bags[story.id] for story, _, _ in near]
        terms, names = self._terms.bag(reading.terms), self._names.bag(reading.names)
        words = self._terms.cosines(terms, [each for each, _ in bags], total).tolist()
        named = self._names.cosines(names, [each for _, each in bags], total).tolist()
        weights = dict(zip(reading.names, self._names.weights(names, total).tolist(), strict=True))
        return [
            Candidate(story.id, cosine, _nearest(story, reading, cosine), gap, *alike, rarest(story.names, weights))
            for (story, cosine, gap), alike in zip(near, zip(words, named, strict=True), strict=True)
        ]


def _nearest(story: KnownStory, reading: Reading, without: float) -> float:
    """The cosine to the story's nearest article; `without`, if none is known."""
    return max((float(member.vector @ reading.vector) for member in story.members), default=without)


def _days_apart(story: KnownStory, reading: Reading) -> float:
    """Days between the article and the span of the story; 0 inside it."""
    gap = max(reading.reported_at - story.last_at, story.first_at - reading.reported_at, timedelta(0))
    return gap / timedelta(days=1)
