"""Citations as they are typed and as they go out: nothing is lost on the way there and back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.drafts import extractive, layout, shorthand, spans
from stonehand.nlp import lexical
from tests.drafts.material import HARBOUR, RIVAL, brief, source

SOURCES = [source(1, HARBOUR, "Harbour Post"), source(2, RIVAL, "Norwick Daily", 2)]
LINKED = "[[1]](https://harbour-post.example/news/1?a=1&b=%282%29)"


def test_a_citation_is_linked_and_its_source_listed() -> None:
    made = shorthand.full("It will close. [1]", SOURCES, "en")
    assert made.startswith(f"It will close. {LINKED}\n\n## Sources\n\n1. [Bridge")
    assert made.endswith("Harbour Post, 2026-05-03\n")
    assert shorthand.full("Both. [1][2]", SOURCES, "en").startswith(f"Both. {LINKED}[[2]](https://norwick-daily")
    assert "Norwick" not in made  # what is not cited is not listed
    assert "## Quellen" in shorthand.full("Sie wird gesperrt. [2]", SOURCES, "de")
    assert "## Źródła" in shorthand.full("Most jest zamknięty. [2]", SOURCES, "pl")


def test_what_the_writers_make_is_shown_short_and_kept_as_it_was() -> None:
    piece = extractive.write(brief(), lexical.hashed)
    typed = shorthand.short(piece.markdown, SOURCES, "en")
    assert "http" not in typed
    assert "## Sources" not in typed
    assert shorthand.full(typed, SOURCES, "en") == piece.markdown
    shown, kept = spans.find(typed), spans.find(piece.markdown)
    assert [(one.words, one.numbers) for one in shown] == [(one.words, one.numbers) for one in kept]


@pytest.mark.parametrize(
    "text",
    [
        "Nothing is cited here.",
        r"Not a citation: \[1\], a[1], [1](https://elsewhere.example), [[1]].",
        "An unknown one. [9]",
        "[1]: https://reference.example\n",
        "",
    ],
)
def test_what_is_no_citation_stays(text: str) -> None:
    assert shorthand.full(text, SOURCES, "en") == text
    assert shorthand.short(text, SOURCES, "en").rstrip() == text.rstrip()


def test_a_list_of_ones_own_stays() -> None:
    text = "It will close. [1]\n\n## Sources\n\nWe asked the council.\n"
    made = shorthand.full(text, SOURCES, "en")
    assert made == text.replace("[1]", LINKED)
    assert shorthand.short(made, SOURCES, "en") == text


PIECES = st.lists(
    st.sampled_from(
        ["A sentence.", " [1]", "[2]", " [[1]](x)", f" {LINKED}", "\n\n", "## Head\n", "\\[1]", "(", "[", "é "]
    )
).map("".join)


@given(PIECES)
def test_there_and_back(text: str) -> None:
    kept = shorthand.full(text, SOURCES, "en")
    assert shorthand.full(kept, SOURCES, "en") == kept
    assert shorthand.full(shorthand.short(kept, SOURCES, "en"), SOURCES, "en") == kept


@given(PIECES)
def test_sentences_stand_where_they_are_said_to(text: str) -> None:
    for form in (text, shorthand.full(text, SOURCES, "en")):
        for one in spans.find(form):
            assert form[one.start : one.end].strip() == form[one.start : one.end]
            assert one.words


def test_the_list_counts_on_without_gaps() -> None:
    made = shorthand.full("Only the second. [2]", SOURCES, "en")
    assert made.endswith(layout.list_of_sources(SOURCES, "en"))


def test_a_link_is_kept_without_what_follows_readers_around() -> None:
    tracked = [replace(SOURCES[0], url="https://harbour-post.example/news/1?utm_source=rss")]
    made = shorthand.full("It will close. [1]", tracked, "en")
    assert "[[1]](https://harbour-post.example/news/1)" in made
    assert shorthand.short(made, tracked, "en") == "It will close. [1]"
