"""Languages, phrases, words, vectors, nearest rows and summaries."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.nlp import keyphrases, language, lexical, similarity, stopwords, summary, vectors

ARTICLE = """Harbour bridge closed after crack is found
The Harbour Bridge in Port Ellis was closed on Monday after engineers found a crack in its main span.
Mayor Ruth Okafor said the bridge would stay shut for at least six weeks while the main span is repaired.
About 40,000 cars cross the Harbour Bridge every day, and ferry operators promised extra sailings.
The crack was found by a drone survey that the city had ordered after a storm in March."""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (ARTICLE, "en"),
        ("Die Feuerwehr rettete am Abend drei Menschen aus einem brennenden Haus in der Innenstadt.", "de"),
        ("Le gouvernement a annoncé mardi une réforme des retraites après des semaines de grève.", "fr"),
        ("Rząd ogłosił we wtorek nową ustawę o podatkach, która wejdzie w życie w przyszłym roku.", "pl"),
    ],
)
def test_languages(text: str, code: str) -> None:
    found = language.detect(text)
    assert found.code == code
    assert found.confidence > 0.5


@pytest.mark.parametrize("text", ["", "1234 5678", "OK"])
def test_too_little_text_has_no_language(text: str) -> None:
    assert language.detect(text) == language.Language("und", 0.0)


def test_every_language_has_stop_words_and_an_unknown_one_has_those_of_english() -> None:
    common = {"en": "the", "de": "und", "fr": "les", "es": "los", "it": "della", "pl": "się", "nl": "het", "pt": "não"}
    assert all(word in stopwords.stopwords(code) for code, word in common.items())
    assert stopwords.stopwords("und") == stopwords.stopwords("en")


def test_key_phrases_name_the_subject_and_know_their_place() -> None:
    found = keyphrases.extract(ARTICLE, "en")
    assert "Harbour Bridge" in {phrase.text for phrase in found} | {phrase.text.title() for phrase in found}
    assert all(ARTICLE[phrase.start : phrase.end] == phrase.text for phrase in found)
    assert [phrase.score for phrase in found] == sorted((phrase.score for phrase in found), reverse=True)
    lowered = [set(phrase.text.lower().split()) for phrase in found]
    assert not any(left < right for left in lowered for right in lowered)


def test_key_phrases_that_come_early_often_or_as_names_score_more() -> None:
    text = "A flood hit the port. Later, Ruth Okafor of the port said: the flood of the port is over"
    found = [(phrase.text, phrase.score) for phrase in keyphrases.extract(text, "en", 3)]
    # ln(1 + count) x (1 + share that stands there as a name) / (1 + ln(1 + 10 x words before / all words))
    assert found == [
        ("flood", round(math.log(1 + 2) / (1 + math.log(1 + 10 / 19)), 4)),
        ("port", round(math.log(1 + 3) / (1 + math.log(1 + 40 / 19)), 4)),
        ("Okafor", round(math.log(1 + 1) * 2 / (1 + math.log(1 + 70 / 19)), 4)),
    ]


@given(st.text(alphabet=st.sampled_from("aB cd.,\n'-é7")) | st.text())
def test_key_phrases_of_anything(text: str) -> None:
    assert all(text[phrase.start : phrase.end] == phrase.text for phrase in keyphrases.extract(text))


@given(st.text(alphabet=st.sampled_from("aB cd.,\n'-é7")) | st.text())
def test_parts_of_a_text_are_its_words_and_all_between(text: str) -> None:
    parts = lexical.parts(text)
    assert "".join(parts) == text
    assert parts[1::2] == lexical.words(text)
    assert keyphrases.of_parts(parts) == keyphrases.extract(text)


def test_key_phrases_cost_grows_with_the_text_and_no_faster() -> None:
    def cost(copies: int) -> float:
        text = "\n".join(ARTICLE.replace("crack", f"crack{number}") for number in range(copies))
        started = time.process_time()
        keyphrases.extract(text)
        return time.process_time() - started

    cost(2)
    assert min(cost(16) for _ in range(3)) < 24 * min(cost(2) for _ in range(3))


def test_terms_keep_names_and_numbers_and_drop_stop_words() -> None:
    assert lexical.terms("The mayor's 3.5 bridges and the U.S. 7") == ["mayor", "3.5", "bridge", "u.s", "7"]


def test_names_are_what_tells_two_events_apart() -> None:
    text = "Floods hit Port Ellis on Monday. Mayor Ruth Okafor said 40,000 people in Port Ellis fled. UN aid came."
    found = {"port": 2, "ellis": 2, "ruth": 1, "okafor": 1, "40,000": 1, "un": 1}
    assert lexical.names(text) == found


def test_rare_words_weigh_more() -> None:
    rarity = lexical.rarities({"city": 90, "okafor": 1}, 100)
    weights = lexical.weigh({"city": 1, "okafor": 1, "new": 1}, rarity, unseen=3.0)
    assert weights["okafor"] > weights["new"] > weights["city"]
    assert sum(weight**2 for weight in weights.values()) == pytest.approx(1)
    assert lexical.weigh({}, rarity, 1.0) == {}


def test_phrases_end_where_anything_but_a_blank_stands() -> None:
    text = "The harbour wall broke. Harbour\nwall, harbour  wall; harbour wall of stone, harbour wall of stone."
    found = {phrase.text for phrase in keyphrases.extract(text)}
    assert "harbour wall" in found
    assert not any(mark in phrase for phrase in found for mark in ",;\n.")


def test_vectors_survive_packing() -> None:
    rows = vectors.unit(np.random.default_rng(1).normal(size=(5, 384)))
    packed = [vectors.pack(row) for row in rows]
    assert len(packed[0]) == 768
    assert (vectors.stack(packed) * rows).sum(1).min() > 0.9995
    assert np.array_equal(vectors.unpack(packed[2]), vectors.stack(packed)[2])
    assert vectors.stack([]).shape == (0, 384)
    assert not vectors.unit(np.zeros(3)).any()


def test_nearest_rows() -> None:
    matrix = vectors.unit(np.array([[1, 0], [0, 1], [1, 1], [-1, 0]], dtype=np.float32))
    query = np.array([1, 0], dtype=np.float32)
    assert [row for row, _ in similarity.top(matrix, query, 2)] == [0, 2]
    assert [row for row, _ in similarity.top(matrix, query, 9)] == [0, 2, 1, 3]
    assert similarity.top(matrix, query, 1)[0][1] == pytest.approx(1)
    assert similarity.top(matrix[:0], query, 3) == []
    assert similarity.top(matrix, query, 0) == []


def test_summary_takes_the_central_sentence_of_each_subject() -> None:
    generator = np.random.default_rng(2)
    subjects = np.eye(2, 384)
    rows = vectors.unit(np.repeat(subjects, [6, 4], axis=0) + generator.normal(scale=0.02, size=(10, 384)))
    chosen = summary.select(rows, 2)
    assert {row < 6 for row in chosen} == {True, False}
    assert summary.select(rows, 2, diversity=0.0)[0] < 6
    assert summary.select(rows, 99) != []
    assert len(set(summary.select(rows, 99))) == 10
    assert summary.select(rows[:0], 3) == []
    assert summary.select(rows, 1, weights=[0] * 9 + [1]) == [9]


def test_summary_of_200_sentences_is_quick() -> None:
    rows = vectors.unit(np.random.default_rng(3).normal(size=(200, 384)))
    started = time.process_time()
    summary.select(rows, 10)
    assert time.process_time() - started < 2


def test_plain_texts_never_load_the_model_of_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    danish = "Regeringen præsenterede tirsdag en ny plan for togene, og ministeren sagde, at den vil koste mange penge."
    dutch = (
        "De regering presenteerde dinsdag een nieuw plan voor het spoor dat volgens de minister veel geld zal kosten."
    )
    assert [language.detect(danish).code, language.detect(dutch).code] == ["da", "nl"]
    monkeypatch.setattr(language, "_identifier", lambda: pytest.fail("the model was asked"))
    assert language.detect(ARTICLE).code == "en"
