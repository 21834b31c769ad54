"""What can be measured of each block of a page, as one row of numbers per block. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import reduce
from itertools import chain, pairwise
from operator import or_

import numpy as np
from numpy.typing import NDArray

from stonehand.articles.blocks import CALLED, INSIDE, Block
from stonehand.articles.words import words

Numbers = NDArray[np.float64]
TAGS = ("p", "li", "h2", "h4", "dd", "div", "button", "figcaption")
CLOSED = re.compile(r"[.!?…:;。！？][\"”’')\]]*$")
PHRASES = re.compile(
    r"(read more|learn more|share|tweet|subscribe|sign up|log ?in|menu|search|advertisement|skip to|comments?\b|reply"
    r"|follow us|copyright|©|all rights|related|you may also|more from|tags?:|posted|published|updated|by )",
    re.IGNORECASE,
)
SENTENCE = 8  # words; a shorter line with a full stop may be a label
RUN = 3  # words; texts are compared by runs of so many
SMOOTH = 2.0  # words of no opinion that are added to every group
NO_OPINION = 0.3


def traits(blocks: Sequence[Block], selected: str) -> dict[str, Numbers]:
    """Columns by name, each as long as `blocks`, which must not be empty. `selected` is what another reader chose."""
    size = np.array([len(block.words) for block in blocks], float)
    linked = np.array([block.linked for block in blocks])
    closed = np.array([CLOSED.search(block.text) is not None for block in blocks], float)
    chosen = shares(blocks, selected)
    columns = _own(blocks, size, linked, closed) | _placed(blocks) | _positions(blocks, size)
    columns |= _neighbours(size, closed) | _chosen(blocks, size, chosen) | _alike(blocks, size, linked)
    return columns | _whole_page(blocks, size, linked, closed)


def shares(blocks: Sequence[Block], text: str) -> Numbers:
    """How much of each block stands in `text`, 0 to 1: its runs of three words, or for shorter ones whole lines."""
    lines = [tuple(words(line)) for line in text.split("\n")]
    found = list(chain.from_iterable(lines))
    whole, known, pairs = set(lines), set(found), set(pairwise(found))
    runs = set(zip(found, found[1:], found[2:], strict=False))

    def share(own: list[str]) -> float:
        if tuple(own) in whole:
            return 1.0
        if len(own) == 1:
            return 0.25 * (own[0] in known)
        if len(own) < RUN:
            return 0.5 * (tuple(own) in pairs)
        met = sum(map(runs.__contains__, zip(own, own[1:], own[2:], strict=False)))
        return met / (len(own) - RUN + 1) if len(own) > RUN else 0.8 * met

    return np.array([share(block.words) for block in blocks])


def _own(blocks: Sequence[Block], size: Numbers, linked: Numbers, closed: Numbers) -> dict[str, Numbers]:
    tags = [block.place.tag for block in blocks]
    columns = {f"tag_{name}": np.array([tag == name for tag in tags], float) for name in TAGS}
    return columns | {
        "length": np.log1p(size),
        "tiny": (size <= RUN).astype(float),
        "linked": linked,
        "short_link": linked * (size < SENTENCE),
        "closed": closed,
        "sentence": closed * (size >= SENTENCE),
        "phrase": np.array([PHRASES.match(block.text) is not None for block in blocks], float),
    }


def _placed(blocks: Sequence[Block]) -> dict[str, Numbers]:
    inside, called, near = (
        np.array([getattr(block.place, name) for block in blocks], int) for name in ("inside", "called", "near")
    )
    columns = {f"in_{name}": _bit(inside, bit) for name, bit in INSIDE.items() if name != "ol"}
    for place, name in enumerate(CALLED):
        columns |= {f"called_{name}": _bit(called, 1 << place), f"near_{name}": _bit(near, 1 << place)}
    return columns


def _bit(masks: NDArray[np.int64], bit: int) -> Numbers:
    return (masks & bit > 0).astype(float)


def _positions(blocks: Sequence[Block], size: Numbers) -> dict[str, Numbers]:
    count = np.arange(len(blocks))
    heading = next((at for at, block in enumerate(blocks) if block.place.tag == "h1"), None)
    middle = (np.cumsum(size) - size / 2) / size.sum()
    after = np.full(len(blocks), 0.5) if heading is None else (count > heading).astype(float)
    return {"position": middle, "order": np.minimum(count, 30) / 30, "after_heading": after}


def _neighbours(size: Numbers, closed: Numbers) -> dict[str, Numbers]:
    length = np.pad(np.log1p(size), 1)
    return {"length_before": length[:-2], "length_after": length[2:], "closed_after": np.pad(closed, 1)[2:]}


def _chosen(blocks: Sequence[Block], size: Numbers, chosen: Numbers) -> dict[str, Numbers]:
    count = np.arange(len(blocks))
    within = np.flatnonzero((chosen > 0.5) & (size >= 5))
    first, last = (within[0], within[-1]) if len(within) else (len(blocks), -1)
    weight = np.minimum(size, 20)
    parents = _groups([block.place.parent for block in blocks])
    styles = _groups([hash((block.place.inside, block.place.called)) for block in blocks])
    return {
        "chosen": chosen,
        "chosen_later": (count < first).astype(float),
        "chosen_before": (count > last).astype(float),
        "chosen_beside": _around(chosen * weight, 1) / (_around(weight, 1) + 1),
        "chosen_around": _around(chosen * weight, 3) / (_around(weight, 3) + 1),
        "chosen_with_parent": _of_others(parents, size, chosen),
        "chosen_with_style": _of_others(styles, size, chosen),
    }


def _around(values: Numbers, reach: int) -> Numbers:
    """The sum of the values at most `reach` places away, without the own one."""
    total = np.cumsum(np.pad(values, (reach + 1, reach)))
    return total[2 * reach + 1 :] - total[: -2 * reach - 1] - values


def _groups(keys: Sequence[int]) -> NDArray[np.int64]:
    """The same small number for every block with the same key."""
    return np.unique(np.array(keys, np.int64), return_inverse=True)[1].astype(np.int64)


def _sums(groups: NDArray[np.int64], values: Numbers) -> Numbers:
    """For each block the sum over its group."""
    return np.asarray(np.bincount(groups, values)[groups], float)


def _of_others(groups: NDArray[np.int64], size: Numbers, values: Numbers) -> Numbers:
    """The mean of the values in the other blocks of each one's group, by words."""
    others, met = _sums(groups, size) - size, _sums(groups, size * values) - size * values
    return (met + NO_OPINION * SMOOTH) / (others + SMOOTH)


def _alike(blocks: Sequence[Block], size: Numbers, linked: Numbers) -> dict[str, Numbers]:
    kinds = _groups([block.place.kind for block in blocks])
    owners = _groups([block.place.own for block in blocks])
    return {
        "alike": np.log1p(_sums(kinds, np.ones(len(blocks)))),
        "alike_share": _sums(kinds, size) / size.sum(),
        "element_linked": _sums(owners, size * linked) / _sums(owners, size),
    }


def _whole_page(blocks: Sequence[Block], size: Numbers, linked: Numbers, closed: Numbers) -> dict[str, Numbers]:
    total = size.sum()
    any_inside = reduce(or_, (block.place.inside for block in blocks))
    has_main = any_inside & INSIDE["main"] > 0
    outside = np.array([has_main and not block.place.inside & INSIDE["main"] for block in blocks], float)
    whole = {
        "page_words": np.log1p(total),
        "page_linked": (linked * size).sum() / total,
        "page_sentences": (closed * (size >= SENTENCE) * size).sum() / total,
        "page_paragraphs": sum(len(block.words) for block in blocks if block.place.tag == "p") / total,
        "page_main": float(has_main),
        "page_heading": float(any(block.place.tag == "h1" for block in blocks)),
    }
    return {name: np.full(len(blocks), value) for name, value in whole.items()} | {"outside_main": outside}
