"""The measures that a criterion can name: each from a text, a criterion and a profile to 0..100, with evidence.

The seven parts of the curator score stand in `curator`. Formulas and thresholds of quality and of search engines are
those that editors of collections used before; see docs/analysis.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from stonehand.nlp import labels, lexical, seo
from stonehand.nlp.spans import Span
from stonehand.rubrics import curator
from stonehand.rubrics.definition import Criterion, Profile
from stonehand.rubrics.measured import NEUTRAL, Measured, clip
from stonehand.rubrics.subjects import Embed, Subject

MOST = 5
TOLD = 60  # characters of a description that a reason repeats

Measure = Callable[[Subject, Criterion, Profile, Embed], Measured]


def _number(criterion: Criterion, name: str, default: float) -> float:
    value = criterion.options.get(name, default)
    return float(value) if isinstance(value, (int, float)) else default


# ── how it is written ──


def ease(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """The reading ease of its language, 0 to 100."""
    found = it.readability
    return Measured(found.ease, f"reading ease {found.ease:.0f} by {found.formula}", found.hard)


def sentence_length(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """100 up to `best` (15) words a sentence, 0 from `worst` (35) on."""
    best, worst = _number(criterion, "best", 15), _number(criterion, "worst", 35)
    mean = it.readability.counted.words_a_sentence
    value = clip(100 * (worst - mean) / max(worst - best, 1e-9))
    return Measured(value, f"{mean:.1f} words a sentence", it.readability.hard)


def long_words(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """100 without words of three or more syllables, 0 where they are `worst` (40) percent."""
    counted = it.readability.counted
    share = 100 * counted.share(counted.hard_words)
    value = clip(100 - 100 * share / max(_number(criterion, "worst", 40), 1e-9))
    return Measured(value, f"{share:.0f}% of the words have three or more syllables")


GERMAN_LETTERS, GERMAN_HARD = 1.1, 0.08  # by which its words are longer than English ones, in texts as hard


def difficulty(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """How hard: letters a word (3.8 to 6.2) .4, words of 3 or more syllables (0 to 30 %) .4, sentences (8 to 25) .2."""
    counted, is_german = it.readability.counted, it.language == "de"
    letters = counted.letters / max(counted.words, 1)
    hard, lengthy = counted.share(counted.hard_words), counted.words_a_sentence
    by_letters = clip((letters - GERMAN_LETTERS * is_german - 3.8) / 2.4 * 100)
    by_syllables = clip((hard - GERMAN_HARD * is_german) / 0.3 * 100)
    value = 0.4 * by_letters + 0.4 * by_syllables + 0.2 * clip((lengthy - 8) / 17 * 100)
    why = f"{letters:.1f} letters a word, {hard:.0%} long words, {lengthy:.0f} words a sentence"
    return Measured(value, why, it.readability.hard)


def length(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """min(1, (words + 1) / `full`) x 100; `full` is 300."""
    return curator.length(it, _number(criterion, "full", curator.ENOUGH_WORDS))


def readability(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """Half its length, of 300 words, and half its reading ease."""
    return curator.readability(it)


def density(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """Names, dates and sums in a hundred words, of `full` (10)."""
    return curator.entities(it, _number(criterion, "full", curator.DENSE))


def neutrality(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """(1 - |tone|) x 100; 50 where the language's words are not known."""
    return curator.neutrality(it)


# ── for whom it is ──


def relevance(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """How near it is to the profile's topic: the best of words, letters in a row, shared words, and meaning."""
    topic = profile.topic or profile.description
    if not topic.strip():
        return Measured(NEUTRAL, "the profile names no topic, so neither near nor far")
    found = curator.relevance(it, topic, embed([topic])[0] if len(it.vector) else None)
    hits = labels.Keywords.of([word for word in lexical.terms(topic, it.language) if len(word) > 2]).find(it.words)
    return replace(found, evidence=_different(hits))


def _meaning(it: Subject, words: str, embed: Embed) -> float:
    """Cosine to the text's vector, 0.1 (nothing in common) to 0.6 (the same thing) spread over 0 to 1."""
    if not len(it.vector):
        return 0.0
    row = embed([words])[0]
    cosine = float(row @ it.vector) if row.shape == it.vector.shape else 0.0
    return min(1.0, max(0.0, (cosine - 0.1) / 0.5))


def coherence(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """40 x the share of the topic's words in the text + 60 x how much its key phrases overlap with them, best first."""
    topic = profile.topic or profile.description
    if not topic.strip():
        return Measured(NEUTRAL, "the profile names no topic, so neither to it nor beside it")
    return curator.coherence(it, topic)


def keywords(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """Hits of the criterion's (or else the profile's) keywords, of `full` (20)."""
    known = criterion.keywords.get(it.language) or criterion.keywords.get("en") or profile.keywords
    hits = labels.Keywords.of(known).find(it.words)
    value = clip(100 * len(hits) / max(_number(criterion, "full", 20), 1e-9))
    return Measured(value, f"{_count(hits, 'hit')} of {len(known)} keywords", _different(hits))


def places(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """Mentions of the profile's places, of `full` (3)."""
    return _mentions(it, criterion, profile.places, "places")


def names(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """Mentions of the profile's people and organisations, of `full` (3)."""
    return _mentions(it, criterion, profile.names, "names")


def _mentions(it: Subject, criterion: Criterion, wanted: Sequence[str], what: str) -> Measured:
    if not wanted:
        return Measured(NEUTRAL, f"the profile names no {what}, so neither near nor far")
    hits = labels.Keywords.of(wanted).find(it.words)
    value = clip(100 * len(hits) / max(_number(criterion, "full", 3), 1e-9))
    return Measured(value, f"{_count(hits, 'mention')} of the profile's {what}", _different(hits))


def spoken(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """100 in a language that the profile's reader reads, else 0; 50 if it names none."""
    if not profile.languages:
        return Measured(NEUTRAL, "the profile names no language")
    fits = it.language in profile.languages
    return Measured(100.0 if fits else 0.0, f"it is in {it.language}; read are {', '.join(profile.languages)}")


def nearness(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """How near its meaning is to the criterion's or the profile's description, with the sentence that is nearest."""
    words = criterion.description or profile.description
    if not words.strip() or not len(it.vector):
        return Measured(NEUTRAL, "there is no description to compare with, or no vector")
    told = words if len(words) <= TOLD else words[:TOLD].rsplit(" ", 1)[0].rstrip(",;:") + "…"
    return Measured(100 * _meaning(it, words, embed), f"nearness of meaning to “{told}”", nearest(it, words, embed))


def nearest(it: Subject, words: str, embed: Embed, most: int = 1) -> tuple[Span, ...]:
    """The sentences of the beginning that are nearest in meaning to these words."""
    parts = [each for each in it.sentences if len(each.text) > 20][:12]
    if not parts:
        return ()
    rows = embed([words, *(each.text for each in parts)])
    order = np.argsort(-(rows[1:] @ rows[0]))[:most]
    return tuple(Span(parts[at].start, parts[at].end, parts[at].text) for at in order)


def _count(hits: Sequence[Span], name: str) -> str:
    return f"1 {name}" if len(hits) == 1 else f"{len(hits)} {name}s"


def _different(hits: Sequence[Span]) -> tuple[Span, ...]:
    first: dict[str, Span] = {}
    for span in hits:
        first.setdefault(span.text.lower(), span)
    return tuple(first.values())[:MOST]


# ── when and by whom ──


def recency(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """100 x 2^(-age / half-life); `half_life_days` is 7. An unknown date is neither new nor old: 50."""
    return curator.recency(it.published_at, it.now, _number(criterion, "half_life_days", 7))


def reputation(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
    """0.7 x the host's + 0.3 x the author's; `trusted` and `doubted` are hosts, with blanks between them."""
    return curator.repute(it, _hosts(criterion, "trusted"), _hosts(criterion, "doubted"))


def _hosts(criterion: Criterion, name: str) -> list[str]:
    return str(criterion.options.get(name, "")).lower().split()


# ── parts of other scores ──


def _quality(name: str) -> Measure:
    def measure(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
        part = next(each for each in it.quality.parts if each.name == name)
        return Measured(100 * part.points / part.most, part.reason, part.evidence)

    return measure


def _seo(name: str) -> Measure:
    def measure(it: Subject, criterion: Criterion, profile: Profile, embed: Embed) -> Measured:
        keyword = profile.topic.strip() or (it.phrases[0].text if it.phrases else "")
        page = seo.Page(it.title, _meta(it), keyword, it.text, it.readability.ease)
        part = next(each for each in seo.score(page).parts if each.name == name)
        return Measured(100 * part.points / part.most, part.reason, part.evidence)

    return measure


def _meta(it: Subject) -> str:
    """What a search engine would show: the first sentences, up to 160 characters."""
    return " ".join(it.text[:400].split())[:160]


MEASURES: dict[str, Measure] = {
    "ease": ease,
    "sentence_length": sentence_length,
    "long_words": long_words,
    "difficulty": difficulty,
    "length": length,
    "readability": readability,
    "density": density,
    "neutrality": neutrality,
    "relevance": relevance,
    "coherence": coherence,
    "keywords": keywords,
    "places": places,
    "names": names,
    "language": spoken,
    "nearness": nearness,
    "recency": recency,
    "reputation": reputation,
    **{f"quality.{name}": _quality(name) for name in ("length", "substance", "language", "sentences", "tone", "title")},
    **{f"seo.{name}": _seo(name) for name in seo.PARTS},
}
NAMES = frozenset(MEASURES)
