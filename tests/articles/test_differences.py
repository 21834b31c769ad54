"""What changed between two texts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.articles.differences import Part, differences, shortened

OLD = "The bridge was closed at ten.\n\nNobody was hurt, the port says.\n\nTrains run."
NEW = "The bridge was closed at eleven.\n\nTwo people were hurt, the port says.\n\nTrains run."


def test_changes_are_told_in_words() -> None:
    assert differences(OLD, NEW) == [
        Part("same", "The bridge was closed at "),
        Part("removed", "ten."),
        Part("added", "eleven."),
        Part("same", "\n\n"),
        Part("removed", "Nobody was"),
        Part("added", "Two people were"),
        Part("same", " hurt, the port says.\n\nTrains run."),
    ]


def test_the_same_text_has_no_changes() -> None:
    assert differences(OLD, OLD) == [Part("same", OLD)]
    assert differences("", "") == []


@pytest.mark.parametrize("size", [3_000, 30_000])
def test_long_texts_cost_little(size: int) -> None:
    began = time.process_time()
    parts = differences(" ".join(map(str, range(size))), " ".join(map(str, range(size, 2 * size))))
    assert [part.kind for part in parts] == ["removed", "added"]
    assert time.process_time() - began < 5


def test_long_stretches_that_did_not_change_are_cut() -> None:
    parts = shortened([Part("same", "x" * 1000), Part("added", "y" * 1000)], around=10)
    assert parts == [Part("same", "x" * 10 + " […] " + "x" * 10), Part("added", "y" * 1000)]


LINES = st.text(st.sampled_from("ab \n"), max_size=40)


@given(LINES, LINES)
def test_both_texts_can_be_had_from_the_parts(older: str, newer: str) -> None:
    parts = differences(older, newer)
    assert "".join(part.text for part in parts if part.kind != "added") == older
    assert "".join(part.text for part in parts if part.kind != "removed") == newer
