"""Extraction on real pages: well above what trafilatura does alone, by an arbiter that never saw the page."""

from __future__ import annotations

import pytest
from benchmarks import extraction, truths
from benchmarks.extraction import Gain, Pages

FOLDER = truths.folder()
pytestmark = [
    pytest.mark.skipif(
        FOLDER is None, reason="real pages are not here: STONEHAND_TEST_DATA names no folder that holds pages/"
    ),
    pytest.mark.timeout(1200),  # every page is read twice
]


@pytest.fixture(scope="module")
def pages() -> Pages:
    assert FOLDER is not None
    return truths.load(FOLDER)


@pytest.fixture(scope="module")
def gain(pages: Pages) -> Gain:
    return extraction.cross_validated(pages)


def test_word_f1_is_one_and_a_half_points_above_trafilatura_alone(gain: Gain) -> None:
    ours, alone = gain.mean()
    assert ours - alone >= 0.015


def test_articles_do_not_pay_for_it(gain: Gain) -> None:
    ours, alone = gain.mean("article")
    assert ours >= alone


def test_what_pages_say_about_themselves_is_read(pages: Pages) -> None:
    some = pages[::6]
    figures = list(extraction.metadata([(page, extraction.read(page)) for page in some], [None] * len(some)))
    values = {figure["figure"]: figure["value"] for figure in figures}
    assert values["extraction.title"] >= 0.75
    assert values["extraction.author"] >= 0.75
    assert values["extraction.date"] >= 0.78
    assert values["extraction.invented_dates"] <= 0.3
