"""Recommendations for some readers, from the catalogue and their pasts. Knows no session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from stonehand import config
from stonehand.nlp.vectors import Row
from stonehand.reading import reasons
from stonehand.reading.catalogue import Catalogue
from stonehand.reading.pasts import Past
from stonehand.reading.ranking import blending, diversity, marks, neighbours
from stonehand.reading.ranking.blending import Side
from stonehand.reading.ranking.diversity import Caps
from stonehand.reading.ranking.marks import Floats, Marks
from stonehand.reading.states import Less

TOGETHER = 128  # readers whose scores are in memory at once: 51 MB at 100,000 articles
LOOKED_AT = 300  # of a reader's best articles, from which the caps choose
ALIKE = 0.6  # the cosine from which on an article is "like" one of which there should be less
LESS = 0.2  # what is left of a score then
SAID = 0.5  # how much a reader's words weigh beside what they read


@dataclass(frozen=True)
class Wanted:
    """How long a list, and with which caps."""

    limit: int
    caps: Caps


def wanted(limit: int) -> Wanted:
    """A list of so many articles, with the caps of the settings."""
    settings = config.settings()
    if not settings.diversify_results:
        return Wanted(limit, diversity.NO_CAPS)
    alike = settings.clustering_threshold if settings.use_embedding_clustering else diversity.NO_CAPS.alike
    return Wanted(limit, Caps(settings.domain_cap, settings.cluster_cap, settings.dup_sim_threshold, alike))


def recommend(
    shelf: Catalogue, pasts: Sequence[Past], topics: Mapping[str, Row], wishes: Mapping[str, Wanted], moment: datetime
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The list of each reader, by id. `topics` are vectors of what readers say they care for."""
    side = Side(shelf.vectors, shelf.near.known, shelf.popular, blending.freshness(shelf.days(moment)))
    room = np.empty((min(TOGETHER, len(pasts)), shelf.size), dtype=np.float32)
    for first in range(0, len(pasts), TOGETHER):
        some = pasts[first : first + TOGETHER]
        past = _marks(shelf, some)
        taste = blending.tastes(past, shelf.vectors, _said(some, topics))
        scores = blending.blend(neighbours.tell(past, shelf.near), taste, past, side, room[: len(some)])
        for row, reader in enumerate(some):
            yield reader.user_id, _list(shelf, reader, scores[row], topics, wishes[reader.user_id])


def _marks(shelf: Catalogue, some: Sequence[Past]) -> Marks:
    """What of their pasts is in the catalogue and still counts as a reason."""
    told = [
        (row, shelf.place[article_id], weight)
        for row, reader in enumerate(some)
        for article_id, weight in reader.known
        if article_id in shelf.place and article_id not in reader.less[Less.BECAUSE]
    ]
    rows, items, weights = zip(*told, strict=True) if told else ((), (), ())
    return marks.matrix(rows, items, weights, len(some), shelf.size)


def _said(some: Sequence[Past], topics: Mapping[str, Row]) -> Row:
    rows = np.zeros((len(some), 384), dtype=np.float32)
    for row, reader in enumerate(some):
        known = [topics[each] for each in topics_of(reader) if each in topics]
        if known:
            rows[row] = SAID * np.mean(known, axis=0)
    return rows


def topics_of(reader: Past) -> list[str]:
    """What they care for, but for what they no longer want to count."""
    return [each for each in reader.topics if each not in reader.less[Less.TOPIC]]


def _list(
    shelf: Catalogue, reader: Past, scores: Floats, topics: Mapping[str, Row], wish: Wanted
) -> list[dict[str, Any]]:
    _mask(shelf, reader, scores)
    found, values = blending.best(scores, LOOKED_AT)
    places = found.tolist()
    outlets, stories = (shelf.outlets[at] for at in places), (shelf.stories[at] for at in places)
    chosen = diversity.choose(shelf.vectors[found], outlets, stories, wish.caps, wish.limit)
    said = {each: topics[each] for each in topics_of(reader) if each in topics}
    why = reasons.find(shelf, reader, found[chosen], said)
    return [
        {"article_id": shelf.ids[found[row]], "score": round(float(values[row]), 4), **reason}
        for row, reason in zip(chosen, why, strict=True)
    ]


def _mask(shelf: Catalogue, reader: Past, scores: Floats) -> None:
    """Leave out what they know, must not see, or said they want none of; lower what they want less of."""
    if (locked := shelf.locked(reader.scores)) is not None:
        scores[locked] = 0
    scores[[shelf.place[each] for each, _ in reader.known if each in shelf.place]] = 0
    if reader.languages:
        scores[shelf.in_other_languages(reader.languages)] = 0
    for which in _unwanted(shelf, reader):
        scores[which] *= LESS
    for story in reader.less[Less.STORY]:
        scores[shelf.of_story.get(story, [])] = 0


def _unwanted(shelf: Catalogue, reader: Past) -> Iterator[Any]:
    for outlet in reader.less[Less.OUTLET]:
        yield shelf.of_outlet.get(outlet, [])
    like = [shelf.place[each] for each in reader.less[Less.ARTICLE] if each in shelf.place]
    if like:
        yield (shelf.vectors @ shelf.vectors[like].T).max(axis=1) >= ALIKE


Embed = Callable[[Sequence[str]], Row]


def vectors_of_topics(pasts: Sequence[Past], embed: Embed) -> dict[str, Row]:
    """A vector for each topic that somebody named, each once."""
    names = sorted({each for reader in pasts for each in topics_of(reader)})
    return dict(zip(names, embed(names), strict=True)) if names else {}
