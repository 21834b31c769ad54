"""The offline writer: verbatim, cited, ordered, and deaf to whoever talks to machines."""

from __future__ import annotations

import pytest

from stonehand.drafts import extractive, markup, spans
from stonehand.drafts.errors import NothingToQuote
from stonehand.drafts.escaping import plain
from stonehand.drafts.pieces import Brief, Piece
from stonehand.nlp import lexical
from tests.drafts import material


def write(brief: Brief) -> Piece:
    return extractive.write(brief, lexical.hashed)


def test_every_sentence_is_verbatim_at_its_offsets() -> None:
    brief = material.brief()
    piece = write(brief)
    texts = {source.article_id: source.text for source in brief.sources}
    assert len(piece.citations) >= 5
    for one in piece.citations:
        assert one.kind == "verbatim"
        assert one.article_id is not None
        assert texts[one.article_id][one.source_start : one.source_end] == one.quote
        assert plain(piece.markdown[one.start : one.end]) == one.quote


def test_both_outlets_speak_and_are_listed() -> None:
    piece = write(material.brief())
    assert {one.article_id for one in piece.citations} == {"article-1", "article-2"}
    sources = piece.markdown.partition("## Sources")[2]
    assert "Harbour Post, 2026-05-03" in sources
    assert "Norwick Daily, 2026-05-03" in sources
    assert markup.problems(piece.markdown, [source.url for source in material.brief().sources]) == []


def test_a_minor_outlet_is_heard_even_if_another_fills_the_page() -> None:
    long = " ".join(
        f"The council of Norwick discussed part {word} of the bridge plan for a long time on Monday."
        for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
    lonely = "Fishermen landed an unusual amount of mackerel at the southern pier this morning."
    piece = write(material.brief(material.source(1, long, "Big"), material.source(2, lonely, "Small")))
    assert {one.article_id for one in piece.citations} == {"article-1", "article-2"}
    assert len(piece.citations) == extractive.SENTENCES


def test_furniture_and_instructions_are_left_out_and_reported() -> None:
    piece = write(material.brief(*material.brief().sources, material.source(3, material.INJECTED, "Odd Times")))
    assert "cookies" not in piece.markdown
    assert "gnore all previous" not in piece.markdown
    [warning] = [warned for warned in piece.warnings if warned.kind == "injection"]
    assert "Odd Times" in warning.text
    assert "asks to ignore instructions" in warning.text


def test_the_lead_stands_first_and_a_source_reads_in_its_own_order() -> None:
    brief = material.brief()
    piece = write(brief)
    assert piece.citations[0].quote.startswith("The harbour bridge in Norwick will close")
    for article in ("article-1", "article-2"):
        starts = [one.source_start or 0 for one in piece.citations if one.article_id == article]
        assert starts == sorted(starts)


def test_the_reviewer_hears_of_one_outlet_of_quoting_and_of_numbers_that_disagree() -> None:
    alone = write(material.brief(material.source(1, material.HARBOUR, "Harbour Post"))).warnings
    assert {"single_outlet", "verbatim"} <= {warned.kind for warned in alone}
    both = write(material.brief()).warnings
    assert "single_outlet" not in {warned.kind for warned in both}
    [numbers] = [warned.text for warned in both if warned.kind == "numbers"]
    assert "bolts" in numbers
    assert "14" in numbers
    assert "16" in numbers


def test_the_same_sentence_in_two_outlets_is_quoted_once() -> None:
    piece = write(material.brief(material.source(1, material.RIVAL, "A"), material.source(2, material.RIVAL, "B")))
    quotes = [one.quote for one in piece.citations]
    assert len(quotes) == len(set(quotes))


@pytest.mark.parametrize("text", ["", "Menu Home About", "Subscribe to our newsletter for the best stories every day."])
def test_without_a_sentence_worth_quoting_it_says_so(text: str) -> None:
    with pytest.raises(NothingToQuote, match="Norwick"):
        write(material.brief(material.source(1, text, "Empty")))


def test_markup_in_a_source_stays_words() -> None:
    text = (
        "Police said <script>alert(1)</script> was painted on the *northern* wall of [the pier](/evil). "
        "1. An ordinary list began the second sentence of this rather strange article today."
    )
    brief = material.brief(material.source(1, text, "Odd"))
    piece = write(brief)
    assert markup.problems(piece.markdown, [brief.sources[0].url]) == []
    assert any("<script>" in one.quote for one in piece.citations)
    for one in piece.citations:
        assert plain(piece.markdown[one.start : one.end]) == one.quote


def test_what_some_channels_would_link_by_themselves_is_not_quoted() -> None:
    text = "Write to fraud@evil.example before the end of this week, the strange notice said. "
    text += "Visit https://evil.example for the whole truth about the harbour bridge in Norwick."
    piece = write(material.brief(material.source(1, text, "Odd"), *material.brief().sources[1:]))
    assert "evil" not in piece.markdown


def test_a_reader_of_the_text_finds_the_same_sentences_again() -> None:
    piece = write(material.brief())
    found = spans.find(piece.markdown)
    assert [(span.start, span.end) for span in found] == [(one.start, one.end) for one in piece.citations]
    assert all(span.numbers for span in found)


def test_title_slug_and_excerpt() -> None:
    piece = write(material.brief())
    assert piece.title == "Norwick’s bridge closes"
    assert piece.slug == "norwicks-bridge-closes"
    assert piece.excerpt == piece.citations[0].quote
    assert "without a language model" in piece.label
