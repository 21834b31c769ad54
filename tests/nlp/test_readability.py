"""Readability: formulas that were published, on texts counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.nlp import readability

CAT = "The cat sat on the mat. The dog ran to the park and it came home."


def test_flesch_by_hand() -> None:
    found = readability.read(CAT, "en")
    assert (found.counted.words, found.counted.sentences, found.counted.syllables) == (16, 2, 16)
    assert found.formula == "Flesch 1948"
    assert found.counted.words_a_sentence == 8
    assert found.ease == 100.0  # 206.835 - 8.12 - 84.6 is more than the scale has
    assert found.grades["flesch_kincaid"] == 0.0
    assert found.lix == 8.0


def test_amstad_by_hand() -> None:
    text = "Die Regierung beschloss gestern neue Regeln. Viele Menschen sind zufrieden."
    found = readability.read(text, "de")
    assert (found.counted.words, found.counted.sentences) == (10, 2)
    assert found.counted.syllables == 1 + 3 + 2 + 2 + 2 + 2 + 2 + 2 + 1 + 3
    assert found.ease == pytest.approx(180 - 5 - 58.5 * 2.0, abs=0.05)
    assert "wiener_sachtextformel" in found.grades


@pytest.mark.parametrize(
    ("word", "language", "count"),
    [
        ("readable", "en", 3),
        ("table", "en", 2),
        ("make", "en", 1),
        ("played", "en", 1),
        ("wanted", "en", 2),
        ("houses", "en", 2),
        ("people's", "en", 2),
        ("Häuser", "de", 2),
        ("Zeitungsartikel", "de", 5),
        ("bueno", "es", 2),
        ("xyz", "und", 1),
        ("brr", "en", 1),
    ],
)
def test_syllables(word: str, language: str, count: int) -> None:
    assert readability.syllables(word, language) == count


def test_long_sentences_of_long_words_are_harder_in_every_language() -> None:
    hard = " ".join(["institutional"] * 28) + "."
    for language in (*readability.EASE, "sv", "und"):
        easy = readability.read("Das ist ein Hut. Er ist rot." * 3, language)
        difficult = readability.read(hard, language)
        assert difficult.ease < easy.ease, language
        assert difficult.hard[0].text == hard


def test_a_language_without_a_formula_is_measured_by_lix() -> None:
    assert readability.read(CAT, "fi").formula == readability.BY_LIX


def test_nothing_to_read() -> None:
    found = readability.read("", "en")
    assert (found.ease, found.grades, found.hard) == (0.0, {}, ())


@given(st.text(alphabet=st.sampled_from("aB cd.,\n'é7")) | st.text(), st.sampled_from(["en", "de", "it", "xx"]))
def test_anything_stays_on_the_scale(text: str, language: str) -> None:
    found = readability.read(text, language)
    assert 0 <= found.ease <= 100
    assert all(text[each.start : each.end] == each.text for each in found.hard)


def test_pisarek_by_hand() -> None:
    text = "Rada miasta zamknęła stary most. Inżynierowie naprawiają popękane śruby."
    found = readability.read(text, "pl")
    assert (found.counted.words, found.counted.sentences) == (9, 2)
    assert found.counted.longest_words == 3  # In-ży-nie-ro-wie, na-pra-wia-ją, po-pę-ka-ne
    index = (9 / 2 + 100 * 3 / 9) / 3 + 1
    assert found.formula == "Pisarek 1969"
    assert found.grades["pisarek"] == round(index, 1)
    assert found.ease == pytest.approx(103.25 - 4.5 * index, abs=0.05)
