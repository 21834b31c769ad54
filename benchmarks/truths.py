"""Real pages with what is known of them: `pages/` in the folder that STONEHAND_TEST_DATA names."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from stonehand.articles import traits
from stonehand.articles.blocks import Block
from stonehand.articles.traits import Numbers
from stonehand.articles.words import words

WORD = re.compile(r"\w+")
FOLDS = 10
SEED = 4


@dataclass(frozen=True)
class Truth:
    """One page, and what a person found on it."""

    name: str
    html: bytes
    kind: str
    known: dict[str, Any]

    @property
    def url(self) -> str:
        return self.known["url"] or "https://unknown.example/page"

    @cached_property
    def counted(self) -> Counter[str]:
        return counted(self.known["main_content"])

    def f1(self, text: str) -> float:
        """Word F1: multiset overlap of lower-cased words, as a harmonic mean."""
        found = counted(text)
        total = found.total() + self.counted.total()
        return 2 * (found & self.counted).total() / total if found and self.counted else 0.0


def counted(text: str) -> Counter[str]:
    return Counter(WORD.findall(text.lower()))


def folder() -> Path | None:
    """Where the pages are, if they are here."""
    named = os.environ.get("STONEHAND_TEST_DATA")
    found = Path(named) / "pages" if named else None
    return found if found and found.is_dir() else None


def load(where: Path, every: int = 1) -> list[Truth]:
    """All pages, or each of so many."""
    found = []
    for path in sorted((where / "truth").glob("*.json"))[::every]:
        known = json.loads(path.read_text("utf-8"))
        html = gzip.decompress((where / "html" / f"{path.stem}.html.gz").read_bytes())
        found.append(Truth(path.stem, html, known["page_type"], known))
    return found


def folds(count: int) -> list[np.ndarray[Any, np.dtype[np.int64]]]:
    """The pages of each fold, the same in every run."""
    return np.array_split(np.random.default_rng(SEED).permutation(count), FOLDS)


def labels(blocks: Sequence[Block], content: str) -> Numbers:
    """1 for blocks that stand in the content, 0 for others. A short one must stand there beside a neighbour, too."""
    met = traits.shares(blocks, content)
    text = f" {' '.join(words(content))} "
    for at, block in enumerate(blocks):
        if len(block.words) <= traits.RUN and met[at] < 1:
            before = blocks[at - 1].words[-2:] if at else []
            after = blocks[at + 1].words[:2] if at + 1 < len(blocks) else []
            met[at] = any(
                f" {' '.join(run)} " in text for run in (before + block.words, block.words + after) if len(run) > 2
            )
    return (met > 0.5).astype(float)
