"""analysis.describe_ms: CPU to describe an article of 600 words, beside what its analysis costs at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.agreement import gold
from benchmarks.newsrooms import data_dir
from stonehand.analysis import categories, description, findings
from stonehand.nlp import embedding

WORDS = 600
ARTICLES = 40


def measure() -> Iterator[dict[str, Any]]:
    """Describe forty texts of English sentences, again and again in another order."""
    with data_dir() as folder:
        os.environ["STONEHAND_DATA_DIR"] = str(folder)
        texts = _texts()
        drawers = embedding.embed(categories.drawers().descriptions)
        vectors = embedding.embed([findings.leading("", text) for text in texts])
        description.describe("", texts[0], "en", vectors[0], drawers)  # lists are read before the clock starts
        found = list(zip(texts, vectors, strict=True))
        describing = _cpu(lambda: [description.describe("A title", text, "en", row, drawers) for text, row in found])
        analysing = _cpu(lambda: findings.find([("A title", text) for text in texts]))
    yield {
        "figure": "analysis.describe_ms",
        "value": round(1000 * describing / len(texts), 2),
        "baseline": "the analysis of the same articles: language, key phrases and vector",
        "baseline_ms": round(1000 * analysing / len(texts), 2),
        "words": WORDS,
        "articles": len(texts),
        "vectors": embedding.name(),
    }


def _texts() -> list[str]:
    words = " ".join(row["text"] for row in gold() if row["language"] == "en").split()
    return [" ".join((words * 2)[at * 37 : at * 37 + WORDS]) for at in range(ARTICLES)]


def _cpu(deed: Callable[[], object]) -> float:
    began = time.process_time()
    deed()
    return time.process_time() - began
