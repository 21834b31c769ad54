"""duplicates.recall and duplicates.false_pairs: edited copies that are recognised, and different texts that are not.

Needs the texts that STONEHAND_TEST_DATA names. Copies are made of them: some words are replaced, the end is cut.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stonehand.articles import duplicates
from stonehand.articles.duplicates import CONTAINMENT, Fingerprint, compare, fingerprint

FIGURES = ("duplicates.recall", "duplicates.false_pairs")
REPLACED = (0.05, 0.1, 0.15, 0.2)  # of the words
CUT = 0.3  # of the text
FEWEST_WORDS = 80
SEED = 7
Texts = list[tuple[str, str]]


def measure() -> Iterator[dict[str, Any]]:
    """With the second signal, and by containment alone."""
    if not (texts := _texts()):
        return
    long = [text for _, text in texts if len(text.split()) >= FEWEST_WORDS]
    found = {name: _recall(long, edited) for name, edited in _edits(long).items()}
    yield {
        "figure": FIGURES[0],
        "value": round(sum(ours for ours, _ in found.values()) / len(found), 3),
        "baseline": f"containment >= {CONTAINMENT} alone, without the cosine",
        "baseline_value": round(sum(alone for _, alone in found.values()) / len(found), 3),
        "by_edit": {name: [round(each, 3) for each in both] for name, both in found.items()},
        "texts": len(long),
    }
    false, pairs = _false(texts)
    yield {
        "figure": FIGURES[1],
        "value": false,
        "baseline": "pairs of texts on two events, some of them much alike",
        "pairs": pairs,
    }


def _texts() -> Texts:
    """Event and text of each."""
    named = os.environ.get("STONEHAND_TEST_DATA")
    path = Path(named or ".") / "stories" / "stories.jsonl"
    if not named or not path.is_file():
        sys.stderr.write("duplicates: STONEHAND_TEST_DATA names no folder that holds stories/; nothing is measured\n")
        return []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [(row["story"], row["text"]) for row in rows]


def _edits(texts: list[str]) -> dict[str, list[str]]:
    drawn = random.Random(SEED)
    words = " ".join(texts).split()

    def replaced(text: str, rate: float) -> str:
        return " ".join(drawn.choice(words) if drawn.random() < rate else word for word in text.split())

    edits = {f"{rate:.0%} replaced": [replaced(text, rate) for text in texts] for rate in REPLACED}
    return edits | {"end cut": [text[: int(len(text) * (1 - CUT))] for text in texts]}


def _recall(texts: list[str], edited: list[str]) -> tuple[float, float]:
    pairs = [(fingerprint(one), fingerprint(other)) for one, other in zip(texts, edited, strict=True)]
    alone = [_meet(one, other) and compare(one, other)[0] >= CONTAINMENT for one, other in pairs]
    return sum(_is_copy(one, other) for one, other in pairs) / len(pairs), sum(alone) / len(pairs)


def _is_copy(one: Fingerprint, other: Fingerprint) -> bool:
    return _meet(one, other) and duplicates.judge(other, [("one", one)], frozenset()) is not None


def _meet(one: Fingerprint, other: Fingerprint) -> bool:
    return not set(one.bands).isdisjoint(other.bands)


def _false(texts: Texts) -> tuple[int, int]:
    """Judged without regard to bands, which would hide some."""
    prints = [(event, fingerprint(text)) for event, text in texts]
    different = [(one, other) for (e, one), (f, other) in itertools.combinations(prints, 2) if e != f]
    judged = (duplicates.judge(other, [("one", one)], frozenset()) for one, other in different)
    return sum(found is not None for found in judged), len(different)
