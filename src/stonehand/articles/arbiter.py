"""Chooses between two readings of a page: trafilatura's, and the blocks that look like its content. Pure.

A logistic model gives each block the probability that it belongs to the content. Of both readings the one with the
greater expected word F1 wins: 2 * sum(p * words of the chosen) / (words chosen + sum(p * words of all)).
The weights in arbiter.json are fitted by `python -m benchmarks.fitting`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import numpy as np

from stonehand.articles.blocks import Block, lines
from stonehand.articles.traits import Numbers, traits

Reader = Literal["trafilatura", "blocks"]
LIKELY = 0.25  # a block of this probability is chosen: below a half, because F1 forgives a word too many more
MARGIN = 0.03  # of expected F1 that the blocks must win by
UNKNOWN = 0.5  # confidence in a text whose page has no blocks to judge it by
MOST_BLOCKS = 30_000  # a page of more is left to trafilatura


@dataclass(frozen=True)
class Model:
    """Weights by name of trait, and the logit of a block whose traits are all zero."""

    weights: dict[str, float]
    bias: float


@dataclass(frozen=True)
class Reading:
    """The text of a page as lines, which reader found it, and its expected word F1, 0 to 1."""

    lines: str
    reader: Reader
    confidence: float


def choose(blocks: list[Block], selected: str, model: Model | None = None) -> Reading:
    """The better reading. `selected` is trafilatura's text; it may be empty."""
    if not blocks or len(blocks) > MOST_BLOCKS:
        return Reading(selected, "trafilatura", UNKNOWN if selected else 0.0)
    measured = traits(blocks, selected)
    likely = probabilities(measured, model or shipped())
    size = np.array([len(block.words) for block in blocks], float)
    chosen = likely > LIKELY
    theirs, ours = expected(likely, size, measured["chosen"]), expected(likely, size, chosen.astype(float))
    if ours <= theirs + MARGIN:
        return Reading(selected, "trafilatura", round(theirs, 3))
    picked = [block for block, is_chosen in zip(blocks, chosen, strict=True) if is_chosen]
    return Reading("\n".join(lines(picked)), "blocks", round(ours, 3))


def probabilities(measured: dict[str, Numbers], model: Model) -> Numbers:
    """How likely each block is content."""
    logits = model.bias + sum(weight * measured[name] for name, weight in model.weights.items())
    found: Numbers = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    return found


def expected(likely: Numbers, size: Numbers, chosen: Numbers) -> float:
    """The expected word F1 of choosing these shares of the blocks."""
    held, content = float(size @ chosen), float(size @ likely)
    return 2 * float((size * likely) @ chosen) / (held + content) if held + content else 0.0


@cache
def shipped() -> Model:
    """The model that comes with Stonehand."""
    found: dict[str, Any] = json.loads(files("stonehand.articles").joinpath("arbiter.json").read_text("utf-8"))
    return Model(found["weights"], found["bias"])
