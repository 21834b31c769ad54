"""Stories on news texts whose stories are known: the B-cubed F1 must stay what it was measured to be."""

from __future__ import annotations

import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stonehand.analysis.findings import leading
from stonehand.nlp import embedding
from stonehand.nlp.vectors import Row
from stonehand.stories.known import KnownStory
from stonehand.stories.placement import Reading, read_words
from stonehand.stories.window import Window

DATA = Path(os.environ.get("STONEHAND_TEST_DATA", "/nonexistent")) / "stories" / "stories.jsonl"
TEXTS = 100
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
pytestmark = [
    pytest.mark.skipif(not DATA.is_file(), reason="STONEHAND_TEST_DATA does not name a folder with stories"),
    pytest.mark.skipif(embedding.source() is None, reason="the embedding model's package is not installed"),
]


@pytest.fixture(autouse=True)
def words_as_vectors() -> Iterator[None]:
    """The real model here."""
    embedding.release()
    yield
    embedding.release()


def _texts() -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in DATA.read_text().splitlines()]
    stories = sorted({re.sub(r"\D", "", row["story"]) for row in rows}, key=int)
    chosen, taken = [], 0
    for number in stories:  # whole topics: each holds two like but different events
        topic = [row for row in rows if re.sub(r"\D", "", row["story"]) == number]
        if taken < TEXTS:
            chosen += topic
            taken += len(topic)
    random.Random(1).shuffle(chosen)
    for row in chosen:
        row["text"] = re.sub(r" ([.,;:!?'])", r"\1", row["text"].replace("``", '"').replace("''", '"'))
    return chosen


def _place(rows: Sequence[dict[str, Any]], vectors: Row) -> list[str]:
    window, placed = Window(), []
    for row, vector in zip(rows, vectors, strict=True):
        terms, names = read_words("", row["text"], "en")
        reading = Reading(row["id"], "", "o", "u", vector, "m", terms, names, MOMENT, True, None, False)
        found = window.decide(reading).story_id
        story = window.stories[found] if found else KnownStory.begin(row["id"], reading)
        window.grow(story, reading)
        placed.append(story.id)
    return placed


def b_cubed(found: Sequence[str], truth: Sequence[str]) -> float:
    """F1 of B-cubed precision and recall (Bagga and Baldwin 1998)."""
    groups: tuple[dict[str, set[int]], dict[str, set[int]]] = (defaultdict(set), defaultdict(set))
    for number, pair in enumerate(zip(found, truth, strict=True)):
        for group, label in zip(groups, pair, strict=True):
            group[label].add(number)
    shared = [(len(groups[0][a] & groups[1][b]), a, b) for a, b in zip(found, truth, strict=True)]
    precision = float(np.mean([both / len(groups[0][a]) for both, a, _ in shared]))
    recall = float(np.mean([both / len(groups[1][b]) for both, _, b in shared]))
    return 2 * precision * recall / (precision + recall)


def test_like_events_stay_apart() -> None:
    rows = _texts()
    found = _place(rows, embedding.embed([leading("", row["text"]) for row in rows]))
    assert b_cubed(found, [row["story"] for row in rows]) > 0.84
