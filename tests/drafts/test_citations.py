"""Whether a sentence is quoted, supported or neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stonehand.drafts import citations, extractive, spans
from stonehand.drafts.citations import Embed
from stonehand.drafts.pieces import Cited
from stonehand.nlp import embedding, lexical
from tests.drafts import material


def by_words(_: object = None) -> Embed | None:
    return None


def by_meaning(_: object = None) -> Embed | None:
    if embedding.name() != embedding.MINILM:
        pytest.skip("the embedding model is not installed")
    return embedding.embed


def check(markdown: str, embed: Embed | None = None) -> list[Cited]:
    return citations.check(spans.find(markdown), material.brief().sources, embed)


@pytest.mark.parametrize("how", [by_words, by_meaning])
@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("Engineers found 14 cracked bolts in the eastern pylon during a routine inspection.", "verbatim"),
        ("Engineers found 14 cracked bolts in the eastern pylon", "verbatim"),
        ("During an inspection, engineers found 14 cracked bolts in the eastern pylon. [1]", "supported"),
        ("During an inspection, engineers found 15 cracked bolts in the eastern pylon. [1]", "unsupported"),
        ("During an inspection, engineers did not find 14 cracked bolts in the eastern pylon. [1]", "unsupported"),
        ("The mayor of Norwick resigned after accusations of fraud. [1]", "unsupported"),
        ("The bridge will be painted green next year. [2]", "unsupported"),
        ("Buses will be sent through the old tunnel, which takes 300 vehicles an hour. [1]", "supported"),
        ("During an inspection, engineers found 14 cracked bolts in the eastern pylon. [9]", "unsupported"),
    ],
)
def test_sentences_are_judged(sentence: str, kind: str, how: Callable[[], Embed | None]) -> None:
    [found] = check(sentence, how())
    assert found.kind == kind


def test_closeness_of_meaning_rescues_a_paraphrase() -> None:
    sentence = "Travellers in Norwick must expect weeks of delay as the harbour bridge will be shut. [2]"
    assert check(sentence)[0].kind == "unsupported"
    [found] = check(sentence, by_meaning())
    assert (found.kind, found.article_id) == ("supported", "article-2")
    assert found.cosine is not None
    assert found.cosine > citations.CLOSE


def test_an_edited_piece_keeps_its_untouched_sentences_verbatim() -> None:
    brief = material.brief()
    piece = extractive.write(brief, lexical.hashed)
    edited = piece.markdown.replace("\n\n## Sources", " The moon is made of cheese.\n\n## Sources")
    found = check(edited)
    assert [one.kind for one in found] == ["verbatim"] * len(piece.citations) + ["unsupported"]
    for one, before in zip(found, piece.citations, strict=False):
        assert (one.article_id, one.source_start, one.source_end) == (
            before.article_id,
            before.source_start,
            before.source_end,
        )


def test_offsets_point_at_the_words_that_support() -> None:
    [found] = check("During an inspection, engineers found 14 cracked bolts in the eastern pylon. [1]")
    text = material.brief().sources[0].text
    assert text[found.source_start : found.source_end] == found.quote
    assert found.quote.startswith("Engineers found 14")


def test_no_source_supports_nothing() -> None:
    [found] = citations.check(spans.find("Something was said."), [])
    assert (found.kind, found.article_id, found.quote) == ("unsupported", None, "")
