"""Tags for a piece that no model has read: the names that it turns on, and what its title is about. Pure.

A tag is a promise that the piece is about it. So a name must stand in the title or at the top, or come again; a common
word must stand in the title and come again in the text, or come often. Verbs, units and times of the day are no tags.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from stonehand.nlp import entities
from stonehand.nlp.lexical import WORD, stem
from stonehand.nlp.stopwords import stopwords

MOST, MOST_TOPICS = 8, 4
OFTEN = 3  # times that a common word comes in the text if it does not stand in the title
TITLE = 3  # times as much as a word of the title counts
DATELINE = re.compile(r"^([A-ZÄÖÜ][A-ZÄÖÜß'’ -]{2,40})(?:, [^()]{1,30})? \([^()]{2,40}\)\s*[-–—]\s*")
ACRONYM = 4  # letters; a longer word in capitals is one that shouts
VERBAL = re.compile(r"(?:ed|ing|ly)$")
_GENERAL = (
    "again ago also area back become begin bring build built case chief city close come cost day done early end even"
    " ever everyone fall find found full get give go good great group half head help hold home hour house inside keep"
    " kept know large last late lead leave left life like line long lose made make man many may member million minute"
    " month more morning move name need new next night noon number old open order part people percent place plan"
    " point pound power problem put report rise run safe said say second see send set show side small start stay still"
    " stop street take team tell thing thousand time today told took top town turn two use way week win woman work"
    " world write wrote year yesterday employ maker mile metre meter kilometre megawatt euro dollar"
    " abend anfang beginn bereich ende euro fall frau grund jahr kilometer leute mann meter million minute mitte monat"
    " morgen nacht ort platz prozent seite stadt stelle stunde tag teil uhr weg woche zahl zeit"
)
GENERAL = frozenset(_GENERAL.split())
UNITS = frozenset({"kWh", "MWh", "GWh", "TWh", "kW", "MW", "GW", "TW", "GB", "TB"})
OWNS = re.compile(r"['’]s (?=[A-ZÄÖÜ])")
FEW = 3  # tags; with fewer, a word of the title need not come again


@dataclass(frozen=True)
class _Tag:
    text: str
    weight: float
    is_sure: bool = True
    """Whether it comes often enough; if there is little else, a word of the title that comes once will do."""

    @property
    def words(self) -> frozenset[str]:
        return frozenset(stem(word) for word in WORD.findall(self.text))


def find(title: str, sentences: Sequence[str], language: str) -> list[str]:
    """At most eight tags, what the piece turns on most first; none holds another."""
    places = [_calm(found.group(1)) for each in sentences if (found := DATELINE.match(each))]
    body = [DATELINE.sub("", each) for each in sentences]
    names = list(_names(title, body, places, language))
    chosen = _apart(sorted(names, key=lambda each: -each.weight)[:MOST])
    topics = sorted(_topics(title, body, language), key=lambda each: -each.weight)
    if len(chosen) + sum(each.is_sure for each in topics) >= FEW:
        topics = [each for each in topics if each.is_sure]
    common = _apart([each for each in topics if not any(each.words & name.words for name in chosen)])[:MOST_TOPICS]
    best = sorted([*chosen[: MOST - len(common)], *common], key=lambda each: -each.weight)
    return [each.text for each in best]


def _names(title: str, body: Sequence[str], places: Sequence[str], language: str) -> Iterator[_Tag]:
    whole, top = "\n".join([f"{title}.", *body]), f"{title} {body[0] if body else ''}"
    small = {word for word in WORD.findall(whole) if word.islower()}
    counted = Counter(places)
    for each in entities.find(whole, language).found:
        if each.kind in (entities.DATE, entities.MONEY):
            continue
        for name in OWNS.split(each.text):
            if not _is_common(name, small):
                counted[_calm(name)] += each.count
    for text, count in counted.items():
        if count > 1 or text in top or text in places:
            yield _Tag(text, count + TITLE * (text in title) + (text in top))


def _is_common(name: str, small: Iterable[str]) -> bool:
    """Whether a word that stands alone is a unit, or has a capital only because it begins a sentence."""
    return " " not in name and (name.lower() in small or name.lower() in GENERAL or name in UNITS)


def _calm(name: str) -> str:
    """`PORT MERRIN` as `Port Merrin`; short words in capitals are acronyms."""
    return " ".join(word.title() if word.isupper() and len(word) > ACRONYM else word for word in _evenly(name))


def _evenly(name: str) -> list[str]:
    """The words of a name; in one that shouts throughout, short ones are no acronyms either."""
    words = name.split()
    is_loud = len(words) > 1 and name.isupper()
    return [word.title() for word in words] if is_loud else words


def _topics(title: str, body: Sequence[str], language: str) -> Iterator[_Tag]:
    singles, pairs = Counter[str](), Counter[tuple[str, str]]()
    shown: dict[str, str] = {}
    for run in (run for each in body for run in _runs(each, language)):
        for word in run:
            shown.setdefault(stem(word), word)
        singles.update(stem(word) for word in run)
        pairs.update((stem(first), stem(second)) for first, second in pairwise(run))
    named = [_stems(run) for run in _runs(title, language)]
    inside = {pair for run in named for pair in pairwise(run)}
    for (first, second), count in pairs.items():
        if count > 1 or (first, second) in inside:
            yield _Tag(f"{shown[first]} {shown[second]}", 1.5 * count + TITLE * ((first, second) in inside))
    heads = {word for run in named for word in run}
    for word, count in singles.items():
        if count >= OFTEN or word in heads:
            yield _Tag(shown[word], count + TITLE * (word in heads), is_sure=count > 1)


def _stems(run: Sequence[str]) -> list[str]:
    return [stem(word) for word in run]


def _runs(text: str, language: str) -> Iterator[list[str]]:
    """Common words that may be a tag or part of one, as far as they stand side by side."""
    ignored, run, before = stopwords(language), list[str](), 0
    for found in WORD.finditer(text):
        word, gap = found.group(), text[before : found.start()]
        before = found.end()
        fits = _fits(word, ignored, language)
        if run and (gap.strip() or not fits):
            yield run
            run = []
        if fits:
            run.append(word if language == "de" else word.lower())
    if run:
        yield run


def _fits(word: str, ignored: Iterable[str], language: str) -> bool:
    low = word.lower()
    if len(word) < 3 or low in ignored or stem(low) in GENERAL or not word.replace("-", "").isalpha():
        return False
    return word[0].isupper() if language == "de" else not VERBAL.search(low)


def _apart(tags: Sequence[_Tag]) -> list[_Tag]:
    """Without those that are within one that says more, or that are as good as another."""
    longest = sorted(tags, key=lambda each: -len(each.words))
    kept: list[_Tag] = []
    for each in longest:
        if each.words and not any(each.words <= other.words for other in kept):
            kept.append(each)
    return sorted(kept, key=lambda each: -each.weight)
