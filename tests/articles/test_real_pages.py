"""Extraction on real pages: not below what trafilatura does alone."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trafilatura

from stonehand.articles.errors import Unreadable
from stonehand.articles.extraction import Hints, extract

FOLDER = Path(os.environ.get("STONEHAND_TEST_DATA", "")) / "pages"
SAMPLE = 40
pytestmark = pytest.mark.skipif(
    not os.environ.get("STONEHAND_TEST_DATA") or not FOLDER.is_dir(),
    reason="real pages are not here: STONEHAND_TEST_DATA names no folder that holds pages/",
)


def word_f1(found: str, truth: str) -> float:
    """Multiset overlap of lower-cased words, as a harmonic mean."""
    one, other = (Counter(re.findall(r"\w+", text.lower())) for text in (found, truth))
    shared = sum((one & other).values())
    return 2 * shared / (sum(one.values()) + sum(other.values())) if one and other else 0.0


def ours(html: bytes, url: str) -> str:
    try:
        return extract(html, url, Hints(datetime(2026, 6, 1, tzinfo=UTC))).text
    except Unreadable:
        return ""


def test_word_f1_is_not_below_trafilatura_alone() -> None:
    names = sorted((FOLDER / "truth").glob("*.json"))
    scores, alone = [], []
    for truth in names[:: max(1, len(names) // SAMPLE)][:SAMPLE]:
        known = json.loads(truth.read_text("utf-8"))
        html = gzip.decompress((FOLDER / "html" / f"{truth.stem}.html.gz").read_bytes())
        scores.append(word_f1(ours(html, known["url"]), known["main_content"]))
        alone.append(word_f1(trafilatura.extract(html, include_comments=False) or "", known["main_content"]))
    assert len(scores) == SAMPLE
    assert sum(scores) / SAMPLE >= sum(alone) / SAMPLE - 0.002
    assert sum(scores) / SAMPLE >= 0.8
