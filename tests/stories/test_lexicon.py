"""A window's lexicon weighs many bags of words at once as the plain formula weighs one."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.nlp import lexical
from stonehand.stories.lexicon import Lexicon

WORDS = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 9), max_size=8)


@given(st.lists(WORDS, min_size=1, max_size=6), WORDS)
def test_cosines_are_those_of_the_plain_formula(stories: list[dict[str, int]], article: dict[str, int]) -> None:
    lexicon = Lexicon()
    bags = [lexicon.bag(words) for words in stories]
    for bag in bags:
        lexicon.count(bag, 1, 1)
    rarity = lexical.rarities(Counter(word for words in stories for word in words), len(stories))
    unseen = lexical.rarities({"": 0}, len(stories))[""]
    mine, *theirs = (lexical.weigh(words, rarity, unseen) for words in (article, *stories))
    expected = [sum(weight * mine.get(word, 0.0) for word, weight in each.items()) for each in theirs]
    for _ in range(2):  # what was asked before leaves nothing behind
        assert lexicon.cosines(lexicon.bag(article), bags, len(stories)).tolist() == pytest.approx(expected)


def test_what_is_counted_out_was_never_there() -> None:
    lexicon = Lexicon()
    stays, goes = lexicon.bag({"flood": 5, "orne": 1}), lexicon.bag({"flood": 2, "tamm": 3})
    lexicon.count(stays, 4, 1)
    before = lexicon.articles(["flood", "orne", "tamm", "nobody said this"])
    assert before == {"flood": 4, "orne": 1, "tamm": 0, "nobody said this": 0}
    for step in (1, -1):
        lexicon.count(goes, 2, step)
    assert lexicon.articles(list(before)) == before


def test_words_beyond_those_it_began_with_are_known() -> None:
    lexicon = Lexicon()
    first = lexicon.bag({"first": 1})
    lexicon.count(first, 1, 1)
    many = lexicon.bag({f"word{number}": 1 for number in range(5000)})
    lexicon.count(many, 1, 1)
    assert lexicon.articles(["first", "word4999"]) == {"first": 1, "word4999": 1}
    assert lexicon.cosines(many, [many, first], 2).tolist() == pytest.approx([1, 0])
