"""What somebody types, and where it is wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.search import folding, parsing
from stonehand.search.errors import SearchMalformed
from stonehand.search.snippets import snippet
from stonehand.search.tree import EVERYTHING, All, Any, Field, Not, Words


def word(*words: str, **more: bool) -> Words:
    return Words(words, **more)


@pytest.mark.parametrize(
    ("typed", "tree"),
    [
        ("", EVERYTHING),
        ("  ", EVERYTHING),
        ("bridge", word("bridge")),
        ("Bridges", word("bridge")),
        ("harbour bridge", All((word("harbour"), word("bridge")))),
        ("harbour AND bridge", All((word("harbour"), word("bridge")))),
        ("harbour OR bridge ferry", Any((word("harbour"), All((word("bridge"), word("ferry")))))),
        ("harbour | ferry", Any((word("harbour"), word("ferry")))),
        ("(harbour OR bridge) ferry", All((Any((word("harbour"), word("bridge"))), word("ferry")))),
        ('"stone bridge"', word("stone", "bridge")),
        ("covid-19", word("covid", "19")),
        ("12:30", word("12", "30")),
        ("bru*", word("bru", is_start=True)),
        ("title:Brücke", word("brucke", in_title=True)),
        ("-ferry bridge", All((Not(word("ferry")), word("bridge")))),
        ("NOT ferry", Not(word("ferry"))),
        ("-(ferry bridge)", Not(All((word("ferry"), word("bridge"))))),
        ('-source:"Harbour  Post"', Not(Field("source", "harbour post", 0))),
        ("東京", word("東", "京")),
    ],
)
def test_it_is_read_as_it_is_meant(typed: str, tree: object) -> None:
    assert parsing.parse(typed) == tree


@pytest.mark.parametrize(
    ("typed", "position", "words"),
    [
        ('bridge "stone', 8, "never closed"),
        ("(bridge", 1, "never closed"),
        ("bridge)", 7, "never opened"),
        ("bridge OR", 10, "missing"),
        ("OR bridge", 1, "missing"),
        ("bridge sorce:x", 8, "did you mean source?"),
        ("-sorce:x", 2, "did you mean source?"),
        ("is:bookmark", 4, "did you mean bookmarked?"),
        ("before:yesterday", 8, "is no day"),
        ("after:2026-02-30", 7, "is no day"),
        ("lang:english!", 6, "two letters"),
        ("source:", 8, "needs a value"),
        ("bridge !", 8, "holds no word"),
        ('title:"..."', 8, "needs words"),
        ("(" * 21 + "a" + ")" * 21, 21, "deeper"),
        ("bridge br*", 8, "at least 3 letters"),
        ("a " * 61, 1, "more than 60"),
        ("a" * 1001, 1001, "longer than 1000"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(typed: str, position: int, words: str) -> None:
    with pytest.raises(SearchMalformed, match=words.replace("?", r"\?")) as raised:
        parsing.parse(typed)
    assert raised.value.position == position
    assert f"at character {position}:" in str(raised.value)


def test_any_text_is_a_search_or_an_error() -> None:
    import random

    drawn = random.Random(4)
    for _ in range(3000):
        typed = "".join(drawn.choice('ab "()-:*|é東\x00\nOR tag:is:before:') for _ in range(drawn.randrange(30)))
        try:
            parsing.parse(typed)
        except SearchMalformed as error:
            assert 1 <= error.position <= len(typed) + 1, typed  # noqa: PT017  most are no errors


def test_words_are_folded() -> None:
    assert folding.fold("Über STRASSE straße it’s classes") == ["uber", "strasse", "strasse", "it", "s", "classe"]
    assert folding.fold("glass bus news series") == ["glass", "bus", "new", "serie"] or folding.fold("news") == ["news"]
    assert folding.fold("が新聞") == ["が", "新", "聞"]


@pytest.mark.parametrize(
    ("looked_for", "is_start", "marked"),
    [
        ("bridge", False, ["Bridges"]),
        ("ecole", False, ["ÉCOLE"]),
        ("橋", False, ["橋"]),
        ("x" * 60, False, ["X" * 70]),
        ("scho", True, ["school"]),
        ("ec", True, ["ÉCOLE"]),
        ("nowhere", False, []),
    ],
)
def test_words_are_marked_as_they_are_written(looked_for: str, is_start: bool, marked: list[str]) -> None:
    text = f"Bridges and a school, the ÉCOLE, 橋を, {'X' * 70}"
    assert [piece for piece, hit in snippet(text, [word(looked_for, is_start=is_start)]) if hit] == marked


def test_a_snippet_marks_what_was_looked_for() -> None:
    text = "Nothing here. " * 60 + "The old BRIDGES over the harbour are closed. " + "Nothing more. " * 60
    pieces = snippet(text, [word("bridge"), word("harb", is_start=True)])
    assert [words for words, hit in pieces if hit] == ["BRIDGES", "harbour"]
    assert len("".join(words for words, _ in pieces)) < 300
    assert snippet("Short.", [word("bridge")]) == [("Short.", False), ("", False)]


def test_an_age_counts_from_now() -> None:
    from stonehand.search import dates

    now = datetime(2026, 5, 17, 12, tzinfo=UTC)
    assert dates.moment("36h", now) == datetime(2026, 5, 16, 0, tzinfo=UTC)
    assert dates.moment("2026-05", now) == datetime(2026, 5, 1, tzinfo=UTC)


def test_signs_are_no_letters_and_letters_in_fancy_styles_are() -> None:
    assert folding.fold("Brand™ №5 at 20℃") == ["brand", "5", "at", "20"]
    assert folding.fold("𝐁𝐨𝐥𝐝 ﬁnds ½ ⼭") == ["bold", "find", "1", "2", "山"]


@given(st.text(alphabet=st.sampled_from("aBs é\u0301ß™½…’-ıİ℉㈱㏂⑴﩯\n7東")) | st.text())
def test_words_that_are_known_fold_as_those_of_the_text(text: str) -> None:
    known = folding.WORD.findall(text.casefold())
    assert folding.fold(text, known) == folding.fold(text)


def test_known_words_are_taken_where_the_text_has_no_others() -> None:
    assert folding.fold("The “Harbour” walls", ["given", "words"]) == ["given", "word"]
    assert folding.fold("Cafés…", ["häfen"]) == ["hafen"]
    assert folding.fold("Cafés½", ["given"]) == ["cafes1", "2"]
