"""Sentiment by word lists, with negation and evidence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.nlp import sentiment

GOOD_EN = "The rescue was a wonderful success and the happy families celebrated their heroes."
BAD_EN = "The terrible crash killed four people and injured dozens; victims suffered in the fire."
GOOD_DE = "Die Rettung war ein großartiger Erfolg, und die glücklichen Familien feiern ihre Helden."
BAD_DE = "Bei der schrecklichen Katastrophe starben vier Menschen, es gab viele Verletzte und großen Schaden."


@pytest.mark.parametrize(
    ("text", "language", "label"),
    [
        (GOOD_EN, "en", "positive"),
        (BAD_EN, "en", "negative"),
        (GOOD_DE, "de", "positive"),
        (BAD_DE, "de", "negative"),
        ("The committee will meet on Tuesday at ten.", "en", "neutral"),
        ("Der Ausschuss tagt am Dienstag um zehn Uhr.", "de", "neutral"),
    ],
)
def test_labels(text: str, language: str, label: str) -> None:
    assert sentiment.read(text, language).label == label


@pytest.mark.parametrize(
    ("plain", "negated", "language"),
    [
        ("The plan is good.", "The plan is not good.", "en"),
        ("The film was a success.", "The film wasn't a success.", "en"),
        ("Der Plan ist gut.", "Der Plan ist nicht gut.", "de"),
        ("Das ist ein Skandal.", "Das ist kein Skandal.", "de"),
    ],
)
def test_a_negation_turns_a_value_round(plain: str, negated: str, language: str) -> None:
    straight, turned = sentiment.read(plain, language).compound, sentiment.read(negated, language).compound
    assert straight * turned < 0
    assert abs(turned) < abs(straight)


def test_a_negation_ends_with_its_sentence() -> None:
    assert sentiment.read("He said no. Great news!", "en").compound > 0


def test_emphasis_makes_stronger_and_weaker() -> None:
    plain, very, rather = (sentiment.read(f"It is {word} good", "en").compound for word in ("", "very", "slightly"))
    assert rather < plain < very


def test_evidence_stands_in_the_text_strongest_first() -> None:
    found = sentiment.read(BAD_EN, "en")
    assert all(BAD_EN[each.span.start : each.span.end] == each.span.text for each in found.evidence)
    assert [abs(each.value) for each in found.evidence] == sorted((abs(x.value) for x in found.evidence), reverse=True)
    assert {"terrible", "killed"} <= {each.span.text for each in found.evidence}
    assert (found.positive, found.negative) == (0, len(found.evidence))


def test_an_unknown_language_is_said_to_be_unknown() -> None:
    found = sentiment.read("C'est une catastrophe terrible", "fr")
    assert (found.compound, found.known, found.evidence) == (0.0, False, ())


def test_both_lists_are_there_and_hold_no_contradiction() -> None:
    assert sentiment.languages() == ("de", "en")
    text = sentiment.files("stonehand.nlp").joinpath("sentiment.txt").read_text(encoding="utf-8")
    for language in sentiment.languages():
        rows = [line.partition(":")[2].split() for line in text.splitlines() if line.startswith(language)]
        words = [word for row in rows for word in row]
        assert len(words) > 250
        assert not {word for word in words if words.count(word) > 1}


@given(st.text())
def test_anything_stays_on_the_scale(text: str) -> None:
    assert -1 <= sentiment.read(text, "en").compound <= 1
