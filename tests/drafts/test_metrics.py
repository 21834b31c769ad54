"""Metrics of a text, each by an example that can be checked by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stonehand.drafts import metrics, quotations
from stonehand.drafts.wording import Heads, Wording
from stonehand.nlp import seo
from tests.drafts.material import HARBOUR, RIVAL, source

SOURCES = [source(1, HARBOUR, "Harbour Post"), source(2, RIVAL, "Norwick Daily", 2)]
TEXT = """\
## What is known

The harbour bridge in Norwick will close for six weeks from Monday, the city council said. [1]
Nobody was surprised at all. The council “found 14 cracked bolts in the eastern pylon,” it says, and “the moon is near”.

### Where to go

- Take [the ferry](https://elsewhere.example/ferry).

## Sources

1. [A bridge](https://harbour-post.example/)
"""


def measured(
    text: str = TEXT, *, title: str = "Bridge closes", language: str = "en", **heads: object
) -> metrics.Metrics:
    return metrics.measure(Wording(title, text, Heads(**heads)), SOURCES, language)  # type: ignore[arg-type]


def test_words_are_those_that_readers_read() -> None:
    assert metrics.words("Two words. [[1]](https://a.example/long/path) [2]") == 2
    assert metrics.words("Two [words](https://a.example).\n\n## Sources\n\n1. [Many more](https://b.example)") == 2
    assert metrics.words("") == 0
    assert measured("One two. Three four five. [1]").words == 5


def test_each_sentence_is_told_apart() -> None:
    found = measured()
    assert (found.count("verbatim"), found.count("unsupported")) == (1, 1)
    unsaid = next(one for one in found.cited if one.kind == "unsupported")
    assert TEXT[unsaid.start : unsaid.end] == "Nobody was surprised at all."
    first = next(one for one in found.cited if one.kind == "verbatim")
    assert TEXT[first.start : first.end] == HARBOUR[first.source_start : first.source_end]


def test_quotations_are_proven_at_their_offsets_or_not() -> None:
    proven, false = measured().quotations
    assert proven.is_proven
    assert HARBOUR[proven.source_start : proven.source_end] == "found 14 cracked bolts in the eastern pylon"
    assert TEXT[proven.start : proven.end] == "found 14 cracked bolts in the eastern pylon,"
    assert (false.words, false.is_proven) == ("the moon is near", False)


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ("„Das ist so gewesen“", "Er sagt: Das ist so  gewesen."),
        ("«c’est une belle ville»", "Oui, c'est une belle ville !"),
        ('"the well-known old bridge"', "It is the well–known old bridge."),
    ],
)
def test_marks_and_blanks_may_differ_in_form(said: str, stands: str) -> None:
    [found] = quotations.find(f"It was said: {said}, they wrote.", [source(1, stands, "A")])
    assert found.is_proven
    assert found.source_start is not None


def test_what_is_no_quotation_is_left_alone() -> None:
    assert quotations.find('A “wink” and “two words”. 5" and 6" nails.', SOURCES) == []
    assert quotations.find("## Sources\n\n1. “Words of a title that is long”", SOURCES) == []


def test_links_and_headings() -> None:
    found = measured(f"{TEXT}")
    assert [(link.url, link.to_source) for link in found.links] == [("https://elsewhere.example/ferry", False)]
    assert [(one.level, one.text) for one in found.headings] == [(2, "What is known"), (3, "Where to go")]
    assert TEXT[found.headings[1].start :].startswith("### Where")
    linked = measured("See [this](https://harbour-post.example/news/1?a=1&b=%282%29).")
    assert [link.to_source for link in linked.links] == [True]


def test_the_longest_copied_run_names_its_source() -> None:
    found = measured("He said that buses will be diverted through the old tunnel today.")
    assert (found.copied.longest, found.copied.article_id) == (8, "article-1")
    assert measured("Entirely other words.").copied == metrics.NOTHING_COPIED


def test_the_score_is_the_sum_of_its_parts_by_hand() -> None:
    found = measured(
        title="Bridge closes in Norwick: what to know now",
        keywords=("bridge",),
        meta_description="Why the bridge closes, for how long, and how to cross the water until it is open again; "
        "with what the council says of it.",
    )
    points = {part.name: part.points for part in found.seo.parts}
    assert points == {
        "keyword_in_title": 10,
        "title_length": 5,  # 42 characters
        "title_starts": 5,
        "keyword_in_meta": 8,
        "meta_length": 7,  # 121 characters
        "words": 0,
        "keyword_density": 15,  # once in 47 words: 2.13 %
        "keyword_early": 5,
        "readability": points["readability"],
        "second_heading": 5,  # the list of sources is none
        "third_heading": 3,
        "list": 4,
        "three_headings": 0,
    }
    assert found.words == 47
    assert found.seo.density == 2.13
    assert found.seo.score == sum(points.values())


def test_whatever_is_missing_comes_with_what_would_gain_it() -> None:
    parts = {part.name: part for part in measured("A bridge.", keywords=("bridge",), title="Short").seo.parts}
    assert parts["words"].advice == "Write 498 more words for 5 points."
    assert parts["title_length"].advice == "Make the title 35 characters longer."
    assert parts["keyword_in_title"].advice == "Put “bridge” into the title."
    assert parts["three_headings"].advice.startswith("Give the text 3 more headings")
    assert all((part.points < part.most) == bool(part.advice) for part in parts.values())
    without = {part.name: part.advice for part in measured("A bridge.").seo.parts}
    assert without["keyword_density"] == without["keyword_early"] == seo.NO_KEYWORD


@pytest.mark.parametrize(
    ("times", "words", "advice"),
    [(0, 200, "2 more times"), (1, 150, "1 more time."), (9, 100, "7 times less"), (3, 101, "1 time less")],
)
def test_advice_on_the_keyword_leads_to_the_best_range(times: int, words: int, advice: str) -> None:
    text = "bridge " * times + "word " * (words - times)
    part = next(
        each for each in seo.score(seo.Page("", "", "bridge", text, 60)).parts if each.name == "keyword_density"
    )
    assert advice in part.advice


@pytest.mark.parametrize(
    ("language", "formula"),
    [
        ("en", "Flesch 1948"),
        ("de", "Amstad 1978"),
        ("fr", "Kandel-Moles 1958"),
        ("es", "Szigriszt-Pazos 1992"),
        ("it", "Gulpease 1988"),
        ("nl", "Flesch-Douma 1960"),
        ("pl", "Pisarek 1969"),
    ],
)
def test_each_language_has_its_formula(language: str, formula: str) -> None:
    assert measured("Ein Satz ist kurz. Noch einer.", language=language).readability.formula == formula


@given(st.text(alphabet=st.sampled_from('aB “”"[]1().#*-\n\\é😀') | st.characters(codec="utf-8"), max_size=300))
def test_any_text_can_be_measured_and_every_offset_is_in_it(text: str) -> None:
    found = measured(text)
    places = [(one.start, one.end) for one in found.cited]
    places += [(one.start, one.end) for one in found.quotations] + [(one.start, one.end) for one in found.hard]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert 0 <= found.seo.score <= 100
