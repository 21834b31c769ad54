"""The picture of a piece: which addresses are fit, and that what was approved holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stonehand.drafts import pictures, wording
from stonehand.drafts.errors import TextUnacceptable
from stonehand.drafts.pieces import Piece
from stonehand.drafts.service import fingerprint
from stonehand.drafts.wording import Heads

PIECE = Piece("T", "t", "e", "m", "en", "l", "person", (), ())


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example/b.jpg",
        "https://",
        "https:///b.jpg",
        "//a.example/b.jpg",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://me:secret@a.example/b.jpg",
        "https://a.example/b c.jpg",
        'https://a.example/"onerror=x',
        "https://a.example/<b>",
        "https://a.example:0/b.jpg",
        "https://a.example:99999/b.jpg",
        "https://[a.example/b.jpg",
        "https://a.example/\u200b.jpg",
        "https://a.example/" + "x" * 2000,
        "b.jpg",
    ],
)
def test_addresses_that_no_page_should_show_are_refused(address: str) -> None:
    assert not pictures.is_fit(address)
    with pytest.raises(TextUnacceptable, match="no address of a picture"):
        pictures.checked(address, "A bridge")


def test_a_picture_has_words_and_words_have_a_picture() -> None:
    assert pictures.checked(" https://a.example:8443/b.jpg?w=1 ", " A  bridge\n") == (
        "https://a.example:8443/b.jpg?w=1",
        "A bridge",
    )
    assert pictures.checked("", " ") == ("", "")
    with pytest.raises(TextUnacceptable, match="no words"):
        pictures.checked("https://a.example/b.jpg", " ")
    with pytest.raises(TextUnacceptable, match="no address"):
        pictures.checked("", "A bridge")
    with pytest.raises(TextUnacceptable, match="301 characters"):
        pictures.checked("https://a.example/b.jpg", "x" * 301)


def test_categories_are_few_and_each_once() -> None:
    assert wording.checked(Heads(categories=(" Harbour ", "Traffic", "Harbour", ""))).categories == (
        "Harbour",
        "Traffic",
    )
    with pytest.raises(TextUnacceptable, match="11 categories"):
        wording.checked(Heads(categories=tuple("abcdefghijk")))
    with pytest.raises(TextUnacceptable, match="the category"):
        wording.checked(Heads(categories=("x" * 61,)))


def test_each_of_them_changes_the_fingerprint_and_none_of_them_leaves_the_old_one() -> None:
    before = "abc65dea0a99ec9b633a35fe9afc2718b4534cbb4433852eeb5da2b271802f08"
    assert fingerprint(PIECE) == before, "what was approved before there were pictures stays approved"
    pieces = [
        PIECE,
        replace(PIECE, image_url="https://a.example/b.jpg"),
        replace(PIECE, image_url="https://a.example/b.jpg", image_alt="A bridge"),
        replace(PIECE, categories=("Harbour",)),
        replace(PIECE, categories=("Harbour", "Traffic")),
        replace(PIECE, keywords=("Harbour",)),
        replace(PIECE, meta_title="https://a.example/b.jpg"),
    ]
    assert len({fingerprint(piece) for piece in pieces}) == len(pieces)
