"""Two readings of a page, and the choice between them."""

from __future__ import annotations

import numpy as np
import pytest

from stonehand.articles import arbiter, extraction, traits
from stonehand.articles.arbiter import Model
from stonehand.articles.blocks import Block, blocks, lines

ITEM = "<li>Stay {n} nights in a house by the sea, with breakfast, and leave the car at home.</li>"
LISTING = "<main><h1>Ten quiet houses</h1><ul>" + "".join(ITEM.format(n=n) for n in range(2, 12)) + "</ul></main>"
MENU = "<nav class='main-menu'>" + "".join(f"<a href='/{n}'>Section {n}</a>" for n in range(9)) + "</nav>"


def read(body: str) -> list[Block]:
    return blocks(extraction.seen(f"<html><body>{body}</body></html>".encode()))


def test_blocks_end_where_block_elements_do() -> None:
    found = read("<div>One <b>bold</b> word<p>Two<br>lines</p>after<br><br>a gap</div>")
    assert [block.text for block in found] == ["One bold word", "Two lines", "after", "a gap"]
    assert [block.place.tag for block in found] == ["div", "p", "div", "div"]


def test_blocks_know_where_they_stand() -> None:
    links, text = read(
        "<nav><a href='/'>Home</a></nav><article class='post-content'><p>Said <a href=/x>he</a></p></article>"
    )
    assert links.linked == 1
    assert 0 < text.linked < 0.5
    assert links.place.inside & 4
    assert not text.place.inside & 4
    assert text.place.near == text.place.called != 0


def test_scripts_and_styles_are_no_text() -> None:
    assert read("<script>var a = 1</script><style>p {}</style><noscript>Turn it on</noscript>") == []


def test_items_get_a_dash_and_cells_share_a_line() -> None:
    body = "<ul><li>one</li></ul><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table><p>end</p>"
    assert list(lines(read(body))) == ["- one", "| a | b |", "| c |", "end"]


def test_deep_nesting_is_walked() -> None:
    assert [block.text for block in read("<div>" * 200 + "deep down" + "</div>" * 200)] == ["deep down"]


def test_shares_of_a_text() -> None:
    found = read("<p>one two three four five</p><p>one two nine nine nine</p><p>two three</p><p>zero</p>")
    assert traits.shares(found, "one two three four five").tolist() == [1.0, 0.0, 0.5, 0.0]


def test_every_weight_names_a_trait_and_every_trait_has_one() -> None:
    found = read(LISTING)
    assert set(arbiter.shipped().weights) == set(traits.traits(found, ""))


def test_the_blocks_win_where_trafilatura_found_little() -> None:
    found = read(MENU + LISTING)
    chosen = arbiter.choose(found, "Ten quiet houses")
    assert chosen.reader == "blocks"
    assert "leave the car at home" in chosen.lines
    assert "Section" not in chosen.lines
    assert 0.5 < chosen.confidence <= 1


def test_a_good_reading_is_kept_as_it_is() -> None:
    found = read(MENU + LISTING)
    whole = "\n".join(block.text for block in found if "Section" not in block.text)
    chosen = arbiter.choose(found, whole)
    assert (chosen.lines, chosen.reader) == (whole, "trafilatura")


def test_without_blocks_the_other_reading_stands() -> None:
    assert arbiter.choose([], "some text").confidence == arbiter.UNKNOWN
    assert arbiter.choose([], "").confidence == 0


def test_expected_f1_is_that_of_certain_blocks() -> None:
    likely, size = np.array([1.0, 0.0]), np.array([10.0, 30.0])
    assert arbiter.expected(likely, size, np.array([1.0, 0.0])) == 1
    assert arbiter.expected(likely, size, np.array([1.0, 1.0])) == pytest.approx(20 / 50)
    assert arbiter.expected(likely, size, np.array([0.0, 0.0])) == 0


def test_a_model_of_one_weight_decides_by_it() -> None:
    found = read(LISTING + MENU)
    likely = arbiter.probabilities(traits.traits(found, ""), Model({"in_nav": -20.0}, 10.0))
    assert [value > 0.5 for value in likely] == ["Section" not in block.text for block in found]
