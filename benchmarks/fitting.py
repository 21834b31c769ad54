"""Fits the arbiter of extraction: `STONEHAND_TEST_DATA=folder python -m benchmarks.fitting` writes its arbiter.json.

Logistic regression by Newton's method over all blocks of all pages. A block weighs what its words are of its page's
content, so that each page weighs about the same, as in the mean of word F1. The same pages give the same file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import truths
from benchmarks.truths import Truth
from stonehand.articles import arbiter, extraction
from stonehand.articles.arbiter import Model
from stonehand.articles.blocks import Block, blocks
from stonehand.articles.errors import Unreadable
from stonehand.articles.traits import Numbers, traits

PENALTY = 100.0  # on the squares of the weights of standardised traits
STEPS = 8
FEWEST_WORDS = 60  # a page of less content weighs like one of so much
DIGITS = 4


@dataclass(frozen=True)
class Sample:
    """One page, ready for fitting: its blocks, what trafilatura chose, rows of traits, labels and weights."""

    blocks: list[Block]
    selected: str
    rows: Numbers
    labels: Numbers
    weights: Numbers


def prepare(truth: Truth) -> Sample:
    """Read one page as `extract` does."""
    try:
        tree = extraction.seen(truth.html)
    except Unreadable:
        return Sample([], "", np.empty((0, 0)), np.empty(0), np.empty(0))
    found, selected = blocks(tree), extraction.selected(tree, truth.url)
    if not found:
        return Sample([], selected, np.empty((0, 0)), np.empty(0), np.empty(0))
    content = truths.labels(found, truth.known["main_content"])
    size = np.array([len(block.words) for block in found], float)
    rows = np.column_stack(list(traits(found, selected).values()))
    return Sample(found, selected, rows, content, size / max(size @ content, FEWEST_WORDS))


def fit(samples: Sequence[Sample]) -> Model:
    """The weights that explain the labels best."""
    used = [sample for sample in samples if sample.blocks]
    names = list(traits(used[0].blocks, used[0].selected))
    rows, labels = np.vstack([sample.rows for sample in used]), np.concatenate([sample.labels for sample in used])
    weights = np.concatenate([sample.weights for sample in used])
    mean, spread = rows.mean(0), rows.std(0) + 1e-9
    *found, bias = _newton((rows - mean) / spread, labels, weights / weights.mean())
    raw = np.array(found) / spread
    named = {name: round(float(weight), DIGITS) for name, weight in zip(names, raw, strict=True)}
    return Model(named, round(float(bias - raw @ mean), DIGITS))


def _newton(rows: Numbers, labels: Numbers, weights: Numbers) -> Numbers:
    rows = np.column_stack([rows, np.ones(len(rows))])
    penalty = np.full(rows.shape[1], PENALTY)
    penalty[-1] = 0  # of the bias
    found = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        curve = weights * likely * (1 - likely)
        slope = rows.T @ (weights * (labels - likely)) - penalty * found
        found = found + np.linalg.solve((rows * curve[:, None]).T @ rows + np.diag(penalty), slope)
    return found


def main() -> int:
    """Fit on all pages and write the model."""
    if (where := truths.folder()) is None:
        sys.stderr.write("STONEHAND_TEST_DATA names no folder that holds pages/\n")
        return 2
    model = fit([prepare(truth) for truth in truths.load(where)])
    path = Path(arbiter.__file__).with_name("arbiter.json")
    path.write_text(json.dumps({"bias": model.bias, "weights": model.weights}, indent=1) + "\n", "utf-8")
    print(f"wrote {len(model.weights)} weights to {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
