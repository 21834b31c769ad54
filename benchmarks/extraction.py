"""Extraction on real pages, beside trafilatura alone: word F1 cross-validated, CPU time, and what is known of pages.

Needs the pages that STONEHAND_TEST_DATA names. For each tenth of them the arbiter is fitted on the other nine.
"""

from __future__ import annotations

import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import trafilatura
from trafilatura.settings import Document

from benchmarks import fitting, truths
from benchmarks.fitting import Sample
from benchmarks.truths import Truth
from stonehand.articles import arbiter, extraction
from stonehand.articles.errors import Unreadable
from stonehand.articles.extraction import Extracted, Hints

HINTS = Hints(datetime(2026, 6, 1, tzinfo=UTC))
DATA = ("title", "author", "date")
INVENTED = {"invented_dates": "date", "invented_authors": "author"}
METADATA = tuple(f"extraction.{name}" for name in (*DATA, *INVENTED))
Figures = Iterator[dict[str, Any]]
Pages = list[Truth]


@dataclass(frozen=True)
class Gain:
    """Word F1 of each page: ours, when it was not fitted on, and that of trafilatura alone."""

    kinds: list[str]
    ours: list[float]
    alone: list[float]

    def mean(self, kind: str = "") -> tuple[float, float]:
        """Ours and trafilatura's, over all pages or those of a kind."""
        chosen = [at for at, each in enumerate(self.kinds) if not kind or each == kind]
        return tuple(sum(scores[at] for at in chosen) / len(chosen) for scores in (self.ours, self.alone))  # type: ignore[return-value]


def measure_gain() -> Figures:
    """How much better the text is than trafilatura's."""
    if pages := _pages():
        yield from _gain(cross_validated(pages))


def measure_cost() -> Figures:
    """What that costs."""
    if pages := _pages():
        yield cpu_ratio(pages)


def measure_metadata() -> Figures:
    """How often title, author and date are right."""
    if pages := _pages():
        yield from metadata([(truth, read(truth)) for truth in pages], [_metadata_alone(truth) for truth in pages])


def _pages() -> Pages:
    """None, and a word about it, if they are not here."""
    if where := truths.folder():
        return truths.load(where)
    sys.stderr.write("extraction: STONEHAND_TEST_DATA names no folder that holds pages/; nothing is measured\n")
    return []


def _gain(gain: Gain) -> Figures:
    ours, alone = gain.mean()
    kinds = {kind: gain.mean(kind) for kind in sorted(set(gain.kinds))}
    yield {
        "figure": "extraction.f1_gain",
        "value": round(ours - alone, 4),
        "baseline": "trafilatura alone on the same pages",
        "f1": round(ours, 4),
        "baseline_f1": round(alone, 4),
        "gain_by_kind": {kind: round(one - other, 4) for kind, (one, other) in kinds.items()},
        "pages": len(gain.kinds),
    }


def cross_validated(pages: Pages) -> Gain:
    """Read every page with an arbiter that was fitted on other pages."""
    samples = [fitting.prepare(truth) for truth in pages]
    ours = np.zeros(len(pages))
    for held in truths.folds(len(pages)):
        out = set(held.tolist())
        model = fitting.fit([sample for at, sample in enumerate(samples) if at not in out])
        for at in out:
            ours[at] = pages[at].f1(_chosen(samples[at], model))
    alone = [truth.f1(trafilatura.extract(truth.html, include_comments=False) or "") for truth in pages]
    return Gain([truth.kind for truth in pages], ours.tolist(), alone)


def _chosen(sample: Sample, model: arbiter.Model) -> str:
    return arbiter.choose(sample.blocks, sample.selected, model).lines


def read(truth: Truth) -> Extracted | None:
    """The page as the product reads it; None if it says that it cannot be read."""
    try:
        return extraction.extract(truth.html, truth.url, HINTS)
    except Unreadable:
        return None


def _alone(truth: Truth) -> object:
    return trafilatura.extract(truth.html, include_comments=False)


def _metadata_alone(truth: Truth) -> Document | None:
    found = trafilatura.bare_extraction(truth.html, url=truth.url, include_comments=False, with_metadata=True)
    return found if isinstance(found, Document) else None


def _text(truth: Truth) -> object:
    try:
        return extraction.reading(extraction.seen(truth.html), truth.url)
    except Unreadable:
        return None


def cpu_ratio(pages: Pages) -> dict[str, Any]:
    """CPU time of the text to trafilatura's, and of text and metadata to both of it, page by page in turns."""
    deeds: dict[str, Callable[[Truth], object]] = {
        "text": _text,
        "baseline_text": _alone,
        "all": read,
        "baseline_all": _metadata_alone,
    }
    spent: dict[str, float] = dict.fromkeys(deeds, 0.0)
    for deed in deeds.values():  # what is loaded at the first page is nobody's cost
        deed(pages[0])
    for turn, truth in enumerate(pages):
        for name in sorted(deeds, reverse=bool(turn % 2)):
            began = time.process_time()
            deeds[name](truth)
            spent[name] += time.process_time() - began
    return {
        "figure": "extraction.cpu_ratio",
        "value": round(spent["text"] / spent["baseline_text"], 3),
        "baseline": "trafilatura alone, from bytes to text",
        "with_metadata": round(spent["all"] / spent["baseline_all"], 3),
        "with_metadata_to_text_alone": round(spent["all"] / spent["baseline_text"], 3),
        "milliseconds_a_page": {name: round(1000 * spent[name] / len(pages), 1) for name in deeds},
        "pages": len(pages),
    }


def metadata(found: list[tuple[Truth, Extracted | None]], alone: list[Document | None]) -> Figures:
    """How often title, author and date are right, by origin, and how often something is invented."""
    for name in DATA:
        known = [at for at, (truth, _) in enumerate(found) if truth.known[TRUTHS[name]]]
        right = {at: agrees(name, _ours(name, found[at][1]), found[at][0]) for at in known}
        theirs = [agrees(name, _theirs(name, alone[at]), found[at][0]) for at in known]
        yield {
            "figure": f"extraction.{name}",
            "value": round(_mean(right.values()), 3),
            "baseline": "trafilatura with metadata",
            "baseline_value": round(_mean(theirs), 3),
            "by_origin": _by_origin("published" if name == "date" else name, found, right),
            "pages": len(known),
        }
    for figure, name in INVENTED.items():
        without = [at for at, (truth, _) in enumerate(found) if not truth.known[TRUTHS[name]]]
        yield {
            "figure": f"extraction.{figure}",
            "value": round(_mean(bool(_ours(name, found[at][1])) for at in without), 3),
            "baseline": f"trafilatura with metadata, on pages of which no {name} is known",
            "baseline_value": round(_mean(bool(_theirs(name, alone[at])) for at in without), 3),
            "pages": len(without),
        }


TRUTHS = {"title": "title", "author": "author", "date": "publish_date"}


def _by_origin(name: str, found: list[tuple[Truth, Extracted | None]], right: dict[int, bool]) -> dict[str, Any]:
    origins: defaultdict[str, list[bool]] = defaultdict(list)
    for at, is_right in right.items():
        extracted = found[at][1]
        if extracted and name in extracted.origins:
            origins[extracted.origins[name]["origin"]].append(is_right)
    return {origin: {"right": round(_mean(all_), 2), "pages": len(all_)} for origin, all_ in sorted(origins.items())}


def _ours(name: str, found: Extracted | None) -> str:
    if found is None:
        return ""
    date = found.published_at.date().isoformat() if found.published_at else ""
    return date if name == "date" else str(getattr(found, name) or "")


def _theirs(name: str, found: Document | None) -> str:
    return str(getattr(found, name, None) or "")


def agrees(name: str, found: str, truth: Truth) -> bool:
    """The same day; the same words of a title; the same names, whatever stands between them."""
    known = str(truth.known[TRUTHS[name]])
    if name == "date":
        return found[:10] == known[:10]
    one, other = (re.findall(r"\w+", text.lower()) for text in (found, known))
    return one == other if name == "title" else bool(one) and set(one) == set(other)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
