"""Checks each sentence of a text against the sources: quoted verbatim, supported by what they say, or unsupported.

A sentence is supported when enough of its content words stand in one source sentence, all its numbers stand there or
right beside it, and both deny or both affirm. Where vectors are given, closeness of meaning decides the cases between.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stonehand.drafts.pieces import Cited, SourceText
from stonehand.drafts.spans import Span
from stonehand.nlp import sentences
from stonehand.nlp.stopwords import stopwords

VERBATIM, SUPPORTED, UNSUPPORTED = "verbatim", "supported", "unsupported"
CONTAINED = 0.7  # share of content words found in the source sentence that convinces alone
CONTAINED_WHEN_CLOSE = 0.45
CLOSE = 0.75  # cosine of two sentences that say the same
FAR = 0.45  # the same words, but about something else
SHORTEST_QUOTE = 25  # characters; shorter runs prove nothing
CANDIDATES = 3
MOST_SENTENCES = 300  # of one source
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nobody|without|denie[sd]|deny|nicht|kein\w*|nie|niemand|ohne)\b|n['’]t\b", re.IGNORECASE
)

Embed = Callable[[Sequence[str]], Any]


@dataclass(frozen=True)
class SourceSentence:
    """A sentence of a source, with what is compared."""

    article_id: str
    number: int
    start: int
    end: int
    text: str
    words: frozenset[str]
    numbers: frozenset[str]
    """Its own numbers and those of the sentences right before and after."""


def check(spans: Sequence[Span], sources: Sequence[SourceText], embed: Embed | None = None) -> list[Cited]:
    """One citation for each sentence, in order. `embed` gives rows of length 1; without it, words alone decide."""
    found = [sentence for source in sources for sentence in _sentences(source)]
    exact: dict[str, list[SourceSentence]] = {}
    for sentence in found:
        exact.setdefault(_collapsed(sentence.text), []).append(sentence)
    cited = [_verbatim(span, exact, sources) for span in spans]
    open_ones = [
        (index, _candidates(span, found, _language(sources)))
        for index, (span, done) in enumerate(zip(spans, cited, strict=True))
        if done is None
    ]
    cosines = _cosines(spans, open_ones, embed)
    for index, candidates in open_ones:
        cited[index] = _judge(spans[index], candidates, cosines, _language(sources))
    return [one for one in cited if one is not None]


def _language(sources: Sequence[SourceText]) -> str:
    return sources[0].language if sources else "en"


def _collapsed(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=64)  # somebody who writes has the same sources checked with every pause
def _sentences(source: SourceText) -> tuple[SourceSentence, ...]:
    parts = sentences.split(source.text, source.language)[:MOST_SENTENCES]
    numbers = [_numbers(part.text) for part in parts]
    return tuple(
        SourceSentence(
            source.article_id,
            source.number,
            part.start,
            part.end,
            part.text,
            _words(part.text, source.language),
            frozenset().union(*numbers[max(0, at - 1) : at + 2]),
        )
        for at, part in enumerate(parts)
    )


def _words(text: str, language: str) -> frozenset[str]:
    common = stopwords(language)
    return frozenset(word for word in _WORD.findall(text.lower()) if word not in common)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(number.replace(",", "").rstrip(".") for number in _NUMBER.findall(text))


def _verbatim(span: Span, exact: dict[str, list[SourceSentence]], sources: Sequence[SourceText]) -> Cited | None:
    same = exact.get(span.words)
    if same:
        best = next((sentence for sentence in same if sentence.number in span.numbers), same[0])
        return Cited(span.start, span.end, VERBATIM, best.article_id, best.start, best.end, best.text)
    if len(span.words) < SHORTEST_QUOTE:
        return None
    for source in sorted(sources, key=lambda source: source.number not in span.numbers):
        at = source.text.find(span.words)
        if at >= 0:
            end = at + len(span.words)
            return Cited(span.start, span.end, VERBATIM, source.article_id, at, end, span.words)
    return None


def _contained(words: frozenset[str], sentence: SourceSentence) -> float:
    return len(words & sentence.words) / len(words) if words else 0.0


def _candidates(span: Span, found: Sequence[SourceSentence], language: str) -> list[SourceSentence]:
    """The source sentences that share the most words; those of the sources that the sentence names, if it names any."""
    words = _words(span.words, language)
    named = [sentence for sentence in found if sentence.number in span.numbers] if span.numbers else list(found)
    return sorted(named, key=lambda sentence: -_contained(words, sentence))[:CANDIDATES]


def _cosines(
    spans: Sequence[Span], open_ones: Sequence[tuple[int, list[SourceSentence]]], embed: Embed | None
) -> dict[tuple[str, str], float]:
    if embed is None or not open_ones:
        return {}
    texts = sorted(
        {spans[index].words for index, _ in open_ones}
        | {sentence.text for _, candidates in open_ones for sentence in candidates}
    )
    vectors = embed(texts)
    row = {text: at for at, text in enumerate(texts)}
    return {
        (spans[index].words, sentence.text): float(vectors[row[spans[index].words]] @ vectors[row[sentence.text]])
        for index, candidates in open_ones
        for sentence in candidates
    }


def _judge(
    span: Span, candidates: Sequence[SourceSentence], cosines: dict[tuple[str, str], float], language: str
) -> Cited:
    words = _words(span.words, language)
    best: SourceSentence | None = None
    for sentence in candidates:
        cosine = cosines.get((span.words, sentence.text))
        if _supports(span.words, sentence, _contained(words, sentence), cosine):
            return _cited(span, SUPPORTED, sentence, cosine)
        best = best or sentence
    if best is None:
        return Cited(span.start, span.end, UNSUPPORTED)
    return _cited(span, UNSUPPORTED, best, cosines.get((span.words, best.text)))


def _supports(text: str, sentence: SourceSentence, contained: float, cosine: float | None) -> bool:
    if not _numbers(text) <= sentence.numbers:
        return False
    if bool(_DENIAL.search(text)) != bool(_DENIAL.search(sentence.text)):
        return False
    if cosine is None:
        return contained >= CONTAINED
    if contained >= CONTAINED:
        return cosine >= FAR
    return cosine >= CLOSE and contained >= CONTAINED_WHEN_CLOSE


def _cited(span: Span, kind: str, sentence: SourceSentence, cosine: float | None) -> Cited:
    return Cited(span.start, span.end, kind, sentence.article_id, sentence.start, sentence.end, sentence.text, cosine)
