"""The seven parts of the curator score, by their formulas."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from stonehand.nlp.keyphrases import KeyPhrase
from stonehand.rubrics import curator
from tests.rubrics.test_scoring import NOW, subject

PHRASES = tuple(
    KeyPhrase(words, score, 0, 1) for words, score in (("harbour bridge", 4.0), ("ferries", 2.0), ("bearings", 1.0))
)
IT = replace(
    subject(
        "The harbour bridge closed on Thursday after inspectors found cracks in its bearings. Ferries run.",
        title="Harbour bridge closes after cracks are found",
    ),
    known_phrases=PHRASES,
)


def test_readability_is_half_length_and_half_ease() -> None:
    assert curator.length(subject("word " * 149)).value == pytest.approx(50)
    assert curator.length(subject("word " * 900)).value == 100
    it = subject("The bridge is shut. " * 30)
    expected = (100 * (len(it.tokens) + 1) / 300 + it.readability.ease) / 2
    assert curator.readability(it).value == pytest.approx(expected)
    assert curator.readability(subject("")).value == 0


def test_names_and_tone() -> None:
    it = subject("Berlin and Paris " + "talk about it " * 9)
    assert curator.entities(it).value == pytest.approx(10 * it.entities.per_hundred_words)
    assert curator.entities(it, 1).value == 100
    assert curator.neutrality(subject("A table stands there.")).value == 100
    assert curator.neutrality(subject("Terrible, horrible, deadly.")).value < 30
    assert curator.neutrality(subject("quelle horreur", "fr")).value == 50


@pytest.mark.parametrize(("days", "value"), [(0, 100), (7, 50), (14, 25), (-3, 100)])
def test_recency_halves_each_week(days: int, value: float) -> None:
    assert curator.recency(NOW - timedelta(days=days), NOW, 7).value == pytest.approx(value)
    assert curator.recency(NOW - timedelta(days=days), NOW, 1).value == pytest.approx(min(100, 100 * 2.0**-days))


def test_an_unknown_date_is_neither_new_nor_old() -> None:
    assert curator.recency(None, NOW, 7).value == 50


def test_meaning_can_say_what_words_do_not() -> None:
    near = np.asarray(IT.vector * 0.62, dtype=np.float32)
    assert curator.relevance(IT, "traffic").value < 20
    found = curator.relevance(IT, "traffic", near)
    assert (round(found.value), found.reason) == (62, "nearest to the topic by meaning")
    assert curator.relevance(replace(IT, title="", text=""), "traffic", -near).value == 0
    assert curator.relevance(IT, "traffic", near[:5]).value < 20
    assert curator.relevance(IT, "harbour bridge").value == 100


def test_coherence_looks_at_words_and_phrases() -> None:
    assert curator.coherence(IT, "harbour bridge").value == pytest.approx(40 + 60 * 1.0)
    assert curator.coherence(IT, "harbour tunnel").value == pytest.approx(40 / 2 + 60 * 0.5)
    assert curator.coherence(IT, "football").value == 0
    assert "no word" in curator.coherence(IT, "the of and").reason
