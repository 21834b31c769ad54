"""Sentences are split where a reader would split them, and offsets are exact."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.nlp import sentences

ENGLISH = [
    ["Dr. Smith met Mr. Jones at 3.30 p.m. on Friday.", "They talked."],
    ["The U.S. Senate voted.", "It was close."],
    ["Prices rose 3.5 percent, to $1.20.", "Sales fell."],
    ['"Stop!" he said.', '"Why?" she asked.', "Nobody answered."],
    ['He said: "We will stay."', "Then he left."],
    ["J. R. R. Tolkien wrote it.", "George W. Bush read it."],
    ["He works for Acme Inc. in Ohio.", "She does not."],
    ["It opened in the U.S.", "The film was a success."],
    ["He said no.", "Then he agreed."],
    ["See No. 5 and fig. 2 for more.", "Wait... what happened?", "Nothing."],
    ["She was born on Jan. 5, 1990.", "He came at 5 p.m.", "The door was open."],
    ["Was it 2020?", "Yes (really).", "“It ended.”", "All left."],
]
GERMAN = [
    ["Am 3. Mai sprach Dr. Meyer mit Prof. Schulz.", "Danach gingen beide."],
    ["Es gibt z. B. Äpfel, d. h. Obst.", "Das kostet 3,50 Euro."],
    ["„Wir bleiben.“", "Dann ging er."],
    ["Es war im Jahr 2020.", "Der Preis stieg um 4.500 Euro."],
    ["Die Firma zahlt ca. 5 Mio. Euro an Nr. 7.", "Mehr nicht."],
]


@pytest.mark.parametrize("expected", ENGLISH, ids=lambda parts: parts[0][:30])
def test_english(expected: list[str]) -> None:
    assert [item.text for item in sentences.split(" ".join(expected))] == expected


@pytest.mark.parametrize("expected", GERMAN, ids=lambda parts: parts[0][:30])
def test_german(expected: list[str]) -> None:
    assert [item.text for item in sentences.split(" ".join(expected), "de")] == expected


def test_paragraphs_end_sentences_and_wrapped_lines_do_not() -> None:
    text = "A headline without a stop\n\nThe first line goes\non in the second. And ends.\nNext paragraph"
    found = [item.text for item in sentences.split(text)]
    assert found == [
        "A headline without a stop",
        "The first line goes\non in the second.",
        "And ends.",
        "Next paragraph",
    ]


def test_languages_without_blanks_between_sentences() -> None:
    assert [item.text for item in sentences.split("今日は雨です。明日は晴れです。")] == [
        "今日は雨です。",
        "明日は晴れです。",
    ]


@given(st.text(alphabet=st.sampled_from("aB .!?\n\"”“„1Dr,.'")) | st.text())
def test_offsets_are_exact_and_nothing_is_lost(text: str) -> None:
    found = sentences.split(text)
    assert all(text[item.start : item.end] == item.text for item in found)
    assert "".join("".join(item.text.split()) for item in found) == "".join(text.split())
    assert all(left.end <= right.start for left, right in pairwise(found))
