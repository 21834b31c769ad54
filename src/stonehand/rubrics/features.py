"""Traits of style that speak for or against a label: each a function from a text to 0..1 and its evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from stonehand.nlp.sentences import Sentence
from stonehand.nlp.spans import Span
from stonehand.nlp.stopwords import stopwords
from stonehand.rubrics.listed import listed
from stonehand.rubrics.subjects import Subject

MOST = 3
SELF = listed("persons")
COMMANDS = listed("commands")
OBJECTS = listed("objects")
ENDINGS = ("s", "ed", "ing", "ly", "ion", "ity", "ment", "ness")
STEP = re.compile(
    r"\b(?:step|steps|first|then|next|finally|afterwards|schritt|zuerst|dann|danach|anschließend)\b", re.I
)
FIGURES = re.compile(r"\d")


@dataclass(frozen=True)
class Trait:
    """How much of it a text has, 0 to 1, and where."""

    value: float
    evidence: tuple[Span, ...]


def _imperative(sentence: Sentence) -> bool:
    """By its first two words: a common verb, or a word that could be one before what a verb takes."""
    words = re.findall(r"[^\W\d_]+", sentence.text[:60].lower())
    if len(words) < 2 or sentence.text.endswith("?"):
        return False
    first, second = words[:2]
    if first in COMMANDS:
        return second not in {"is", "was", "are", "has", "ist", "war"}
    if first in stopwords("en") or first in stopwords("de") or first.endswith(ENDINGS):
        return False
    return second in OBJECTS


def imperatives(subject: Subject) -> Trait:
    """The share of sentences that tell the reader to do something; half of them is all there can be."""
    found = [each for each in subject.sentences if _imperative(each)]
    return Trait(min(1.0, 2 * len(found) / max(1, len(subject.sentences))), _spans(found))


def selves(subject: Subject) -> Trait:
    """How much a text speaks of persons: pronouns in a hundred words; twelve are all there can be."""
    spans = [span for word in SELF for span in subject.words.forms.get(word, [])]
    return Trait(min(1.0, 100 * len(spans) / subject.count / 12), tuple(sorted(spans, key=_start)[:MOST]))


def figures(subject: Subject) -> Trait:
    """How much it speaks in numbers: figures in a hundred words; eight are all there can be."""
    found = [each for each in subject.sentences if FIGURES.search(each.text)]
    count = sum(word[0].isdigit() for word in subject.tokens)
    return Trait(min(1.0, 100 * count / subject.count / 8), _spans(found))


def sums(subject: Subject) -> Trait:
    """How much it speaks of money: sums and percentages in a hundred words; three are all there can be."""
    spans = [span for each in subject.entities.found if each.kind == "money" for span in each.spans]
    percent = [
        Span(match.start(), match.end(), match.group())
        for match in re.finditer(r"\d[\d.,]*\s?(?:%|percent|per cent|prozent)", subject.text, re.IGNORECASE)
    ]
    found = sorted([*spans, *percent], key=_start)
    return Trait(min(1.0, 100 * len(found) / subject.count / 3), tuple(found[:MOST]))


def steps(subject: Subject) -> Trait:
    """How much it goes step by step: words of order in a hundred words; three are all there can be."""
    found = [Span(match.start(), match.end(), match.group()) for match in STEP.finditer(subject.text)]
    return Trait(min(1.0, 100 * len(found) / subject.count / 3), tuple(found[:MOST]))


def questions(subject: Subject) -> Trait:
    """The share of sentences that ask; a quarter of them is all there can be."""
    found = [each for each in subject.sentences if each.text.rstrip("\"'”“’").endswith("?")]
    return Trait(min(1.0, 4 * len(found) / max(1, len(subject.sentences))), _spans(found))


def _start(span: Span) -> int:
    return span.start


def _spans(found: list[Sentence]) -> tuple[Span, ...]:
    return tuple(Span(each.start, each.end, each.text) for each in found[:MOST])


FEATURES: dict[str, Callable[[Subject], Trait]] = {
    "imperatives": imperatives,
    "persons": selves,
    "figures": figures,
    "sums": sums,
    "steps": steps,
    "questions": questions,
}
NAMES = frozenset(FEATURES)
