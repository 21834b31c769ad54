"""analysis.bdh_agreement: how the Be-Do-Have preset labels texts, against what a person says of them.

The texts of `be_do_have.jsonl` were written and labelled for this before the preset was tuned, by whoever wrote it;
half of them (`held`) was left out of the tuning. Twenty more (`late`) were written afterwards to be hard: they avoid
the preset's words. Beside them stand the commonest label and a count of the preset's words.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.newsrooms import data_dir
from stonehand.analysis.findings import leading
from stonehand.nlp import embedding
from stonehand.nlp.labels import Keywords
from stonehand.rubrics import agreeing, rubric_presets, scoring
from stonehand.rubrics.definition import Definition
from stonehand.rubrics.subjects import Subject

GOLD = Path(__file__).parent / "be_do_have.jsonl"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def gold(half: str = "") -> list[dict[str, Any]]:
    """The labelled texts, all or those of a part (`tune`, `held`, `late`)."""
    rows = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if not half or row["half"] == half]


def subject(row: dict[str, Any], vector: Any) -> Subject:
    """A text as rubrics see it."""
    return Subject(row["id"], row["title"], row["text"], row["language"], NOW, vector=vector, model=embedding.name())


def measure() -> Iterator[dict[str, Any]]:
    """Label every text and count."""
    with data_dir() as folder:
        os.environ["STONEHAND_DATA_DIR"] = str(folder)
        rows = gold()
        vectors = embedding.embed([leading(row["title"], row["text"]) for row in rows])
        rubric = rubric_presets.definition("be-do-have")
        began = time.process_time()
        scored = [
            scoring.score(subject(row, each), rubric, embedding.embed) for row, each in zip(rows, vectors, strict=True)
        ]
        seconds = time.process_time() - began
    says, truth = [each.label for each in scored], [row["phase"] for row in rows]
    words, levels = [_by_words(row, rubric) for row in rows], [each.gauges[0].band for each in scored]
    common = Counter(truth).most_common(1)[0][0]
    hard = [row["difficulty"] for row in rows]

    def of(part: str, values: Sequence[str]) -> list[str]:
        return [value for row, value in zip(rows, values, strict=True) if row["half"] == part]

    yield {
        "figure": "analysis.bdh_agreement",
        "value": agreeing.accuracy(of("held", says), of("held", truth)),
        "kappa": agreeing.kappa(of("held", says), of("held", truth)),
        "texts": len(of("held", truth)),
        "baseline": "the commonest label; and the label most of whose words occur",
        "baseline_majority": agreeing.accuracy([common] * len(of("held", truth)), of("held", truth)),
        "baseline_words": agreeing.accuracy(of("held", words), of("held", truth)),
        "baseline_words_kappa": agreeing.kappa(of("held", words), of("held", truth)),
        "late_accuracy": agreeing.accuracy(of("late", says), of("late", truth)),
        "late_kappa": agreeing.kappa(of("late", says), of("late", truth)),
        "late_texts": len(of("late", truth)),
        "late_baseline_words": agreeing.accuracy(of("late", words), of("late", truth)),
        "all_texts": len(rows),
        "all_accuracy": agreeing.accuracy(says, truth),
        "by_language": _by(rows, says, truth, "language"),
        "difficulty_accuracy": agreeing.accuracy(of("held", levels), of("held", hard)),
        "difficulty_majority": _majority(of("held", hard)),
        "advanced_accuracy": agreeing.accuracy(_is_advanced(of("held", levels)), _is_advanced(of("held", hard))),
        "advanced_majority": _majority(_is_advanced(of("held", hard))),
        "vectors": embedding.name(),
        "cpu_ms_a_text": round(1000 * seconds / len(rows), 1),
    }


def _is_advanced(levels: Sequence[str]) -> list[str]:
    return ["advanced" if level == "Advanced" else "other" for level in levels]


def _by_words(row: dict[str, Any], rubric: Definition) -> str:
    text = Subject(row["id"], row["title"], row["text"], row["language"], NOW)
    hits = {each.name: len(Keywords.of(each.keywords[row["language"]]).find(text.words)) for each in rubric.criteria}
    return max(hits, key=lambda name: hits[name])


def _by(rows: Sequence[dict[str, Any]], says: Sequence[str], truth: Sequence[str], what: str) -> dict[str, float]:
    values = sorted({row[what] for row in rows})
    at = {value: [n for n, row in enumerate(rows) if row[what] == value] for value in values}
    return {value: agreeing.accuracy([says[n] for n in at[value]], [truth[n] for n in at[value]]) for value in values}


def _majority(truth: Sequence[str]) -> float:
    return agreeing.accuracy([Counter(truth).most_common(1)[0][0]] * len(truth), truth)
