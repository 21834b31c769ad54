"""The recent stories in memory: finds the few that an article may belong to. Knows no session and no clock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from stonehand.nlp import lexical
from stonehand.nlp.lexical import Weights
from stonehand.nlp.vectors import unit
from stonehand.stories.known import KnownStory
from stonehand.stories.lexicon import Lexicon
from stonehand.stories.means import Means
from stonehand.stories.placement import CANDIDATES, WINDOW_DAYS, Candidate, Decision, Reading, decide, rarest
from stonehand.stories.shelf import Packed, Shelf

OFTEN = timedelta(hours=1)  # between two looks for stories that have grown old


@dataclass(frozen=True, slots=True)
class _Near:
    """A story near to an article: the cosine to its mean, and the days between."""

    story_id: str
    story: Packed
    cosine: float
    days_apart: float


class Window:
    """Stories that were last reported on within 14 days, as one matrix of means beside what is known of each."""

    def __init__(self) -> None:
        self.epoch = ""
        self.count = -1
        """The lock's count up to which every change of a story is in here."""
        self._rows: list[str] = []
        self._place: dict[str, int] = {}
        self._means = Means()
        self._terms, self._names = Lexicon(), Lexicon()
        self.stories = Shelf(self._terms, self._names)
        self._articles = 0
        self._edge: datetime | None = None

    def put(self, story: KnownStory) -> None:
        """Add a story, or replace what was known of it."""
        self._count_out(story.id)
        self._count(self.stories.put(story), 1)
        self._set_mean(story)

    def grow(self, story: KnownStory, reading: Reading) -> None:
        """Add an article to a story of this window, or to a new one."""
        story.add(reading)
        self.put(story)

    def _count_out(self, story_id: str) -> None:
        if packed := self.stories.packed(story_id):
            self._count(packed, -1)

    def _count(self, packed: Packed, step: int) -> None:
        terms, names = packed.bags
        self._articles += step * packed.article_count
        self._terms.count(terms, packed.article_count, step)
        self._names.count(names, packed.article_count, step)

    def _set_mean(self, story: KnownStory) -> None:
        place = self._place.setdefault(story.id, len(self._rows))
        if place == len(self._rows):
            self._rows.append(story.id)
        self._means.put(place, unit(story.total))

    def drop(self, story_id: str) -> None:
        """Forget a story that was merged away. Its row stays and matches nothing."""
        if story_id in self.stories:
            self._count_out(story_id)
            self.stories.drop(story_id)
            place = self._place.pop(story_id)
            self._means.take_out(place)
            self._rows[place] = ""

    def article_count(self, story_id: str) -> int:
        """Of a story that is here."""
        found = self.stories.packed(story_id)
        return found.article_count if found else 0

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
        kept = self.stories.reported_since(edge)
        if len(kept) * 10 >= len(self.stories) * 9:
            return self
        return self._with_only(kept)

    def without(self, story_ids: Collection[str]) -> Window:
        """This window, or one without these stories if it knows any."""
        if self.stories.keys().isdisjoint(story_ids):
            return self
        return self._with_only([story_id for story_id in self.stories if story_id not in story_ids])

    def _with_only(self, kept: Iterable[str]) -> Window:
        fresh = Window()
        fresh.epoch, fresh.count, fresh._edge = self.epoch, self.count, self._edge
        for story_id in kept:
            fresh.put(self.stories[story_id])
        return fresh

    def decide(self, reading: Reading) -> Decision:
        """Which story this article belongs to: one matrix product, and eight comparisons however many there are."""
        near = list(islice(self._near(reading), CANDIDATES))
        found = decide(self._compared(near, reading) if near else [])
        if found.story_id is None or found.evidence is None:
            return found
        return replace(found, evidence=replace(found.evidence, shared=self._shared(found.story_id, reading)))

    def _near(self, reading: Reading) -> Iterator[_Near]:
        """The stories it may belong to, those with the closest mean first."""
        for place, cosine in self._means.top(reading.vector, 4 * CANDIDATES):
            story = self.stories.packed(self._rows[place])
            if story is None or story.vector_model != reading.vector_model:
                continue
            gap = _days_apart(story, reading)
            if gap <= WINDOW_DAYS:
                yield _Near(self._rows[place], story, cosine, gap)

    def _compared(self, near: Sequence[_Near], reading: Reading) -> list[Candidate]:
        total, bags = len(self.stories), [each.story.bags for each in near]
        terms, names = self._terms.bag(reading.terms), self._names.bag(reading.names)
        words = self._terms.cosines(terms, [each for each, _ in bags], total).tolist()
        named = self._names.cosines(names, [each for _, each in bags], total).tolist()
        return [
            Candidate(each.story_id, each.cosine, _nearest(each, reading), each.days_apart, *alike)
            for each, alike in zip(near, zip(words, named, strict=True), strict=True)
        ]

    def _shared(self, story_id: str, reading: Reading) -> tuple[str, ...]:
        """The rarest names that an article has in common with a story."""
        weights = self._names.weights(self._names.bag(reading.names), len(self.stories)).tolist()
        return rarest(self.stories.names(story_id), dict(zip(reading.names, weights, strict=True)))


def _nearest(near: _Near, reading: Reading) -> float:
    """The cosine to the story's nearest article; to its mean, if none is known."""
    members = near.story.members
    return float((members @ reading.vector).max()) if len(members) else near.cosine


def _days_apart(story: Packed, reading: Reading) -> float:
    """Days between the article and the span of the story; 0 inside it."""
    gap = max(reading.reported_at - story.last_at, story.first_at - reading.reported_at, timedelta(0))
    return gap / timedelta(days=1)
