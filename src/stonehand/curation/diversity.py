"""Choosing the best articles so that no host, no text and no event takes more than its share. Pure.

Articles are taken by score. What was chosen already decides whether the next one still fits:

- no more than `domain_cap` of one host;
- none as close as `duplicate` (cosine) to one that was chosen, or a known copy of it; with 1, known copies only, since
  rounding alone would tell which equal vectors have a cosine of 1;
- no more than `cluster_cap` in one cluster. An article belongs to the cluster of its closest member, from `cluster` on.
  One that would join clusters counts for all of them together, so that however clusters are drawn at that cosine among
  what was chosen, none holds more than the cap.

Blocks of rows are compared with what is remembered so far by matrix products; memory is linear, and so is time as long
as what is chosen is bounded. A cluster remembers at most `REMEMBERED` members that were not chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK = 256  # rows that are compared at once
REMEMBERED = 12
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Rules:
    """Caps and thresholds; None for `most` chooses all that fit. `by_cluster` off leaves clusters alone."""

    most: int | None = None
    domain_cap: int = 2
    duplicate: float = 0.97
    cluster: float = 0.75
    cluster_cap: int = 3
    by_cluster: bool = True
    diversify: bool = True


@dataclass(frozen=True)
class Choice:
    """Rows in order of score, those chosen; and why each other was not: (reason, row it yields to or -1, cosine)."""

    chosen: list[int]
    left_out: dict[int, tuple[str, int, float]]
    clusters: dict[int, int]
    """The cluster of each chosen row, named for the row that began it."""


HOST, DUPLICATE, CLUSTER, ENOUGH = "host", "duplicate", "cluster", "enough"


def choose(
    scores: Sequence[float], vectors: Matrix, hosts: Sequence[str], groups: Sequence[str] | None, rules: Rules
) -> Choice:
    """Choose rows. `vectors` are float32 [n, d] of length 1, or zeros (near to nothing); `groups` are alike for copies.

    Equal scores go by row. Raises `ValueError` if the lengths differ.
    """
    count = len(scores)
    if len(vectors) != count or len(hosts) != count or (groups is not None and len(groups) != count):
        raise ValueError("scores, vectors, hosts and groups must be of one length")
    order = np.argsort(-np.asarray(scores, dtype=np.float64), kind="stable")
    most = count if rules.most is None else rules.most
    if not rules.diversify:
        ranked = order.tolist()
        return Choice(ranked[:most], dict.fromkeys(ranked[most:], (ENOUGH, -1, 0.0)), {})
    return _Chooser(vectors, hosts, groups or [str(row) for row in range(count)], rules, most).run(order)


class _Chooser:
    """What was chosen so far, and what of it is remembered for comparison."""

    def __init__(self, vectors: Matrix, hosts: Sequence[str], groups: Sequence[str], rules: Rules, most: int) -> None:
        self.vectors, self.hosts, self.groups, self.rules, self.most = vectors, hosts, groups, rules, most
        self.chosen: list[int] = []
        self.left_out: dict[int, tuple[str, int, float]] = {}
        self.of_host: dict[str, int] = {}
        self.of_group: dict[str, int] = {}
        self.kept: dict[int, bool] = {}  # remembered rows, and whether they were chosen
        self.rows: list[int] = []  # the remembered rows, in the order of `memory`
        self.memory: Matrix = np.empty((BLOCK, vectors.shape[1]), dtype=np.float32)
        self.parent: dict[int, int] = {}  # of clusters, by the row that began them
        self.sizes: dict[int, int] = {}  # chosen members
        self.extras: dict[int, int] = {}  # remembered members that were not chosen
        self.least = min(rules.duplicate, rules.cluster) if rules.by_cluster else rules.duplicate

    def run(self, order: NDArray[np.intp]) -> Choice:
        waiting = order.tolist()
        at = 0
        while at < len(waiting) and len(self.chosen) < self.most:
            block, at = self._next_block(waiting, at)
            self._take(block)
        for row in waiting[at:]:
            self.left_out[row] = (ENOUGH, -1, 0.0)
        return Choice(self.chosen, self.left_out, {row: self._root(row) for row in self.chosen if row in self.parent})

    def _next_block(self, waiting: list[int], at: int) -> tuple[list[int], int]:
        """The next rows whose host and text are not taken yet; the others are left out without comparing them."""
        block: list[int] = []
        while at < len(waiting) and len(block) < BLOCK:
            row = waiting[at]
            at += 1
            if not self._is_out(row):
                block.append(row)
        return block, at

    def _is_out(self, row: int) -> bool:
        if (original := self.of_group.get(self.groups[row])) is not None:
            self.left_out[row] = (DUPLICATE, original, 1.0)
        elif self.of_host.get(self.hosts[row], 0) >= self.rules.domain_cap:
            self.left_out[row] = (HOST, -1, 0.0)
        else:
            return False
        return True

    def _take(self, block: list[int]) -> None:
        mine = self.vectors[block]
        earlier = _close(mine @ self.memory[: len(self.rows)].T, self.least, self.rows)
        inside = _close(np.tril(mine @ mine.T, -1), self.least, block)
        for place, row in enumerate(block):
            if len(self.chosen) >= self.most:
                self.left_out[row] = (ENOUGH, -1, 0.0)
            elif not self._is_out(row):
                near = earlier.get(place, []) + [pair for pair in inside.get(place, ()) if pair[0] in self.kept]
                self._decide(row, near)

    def _decide(self, row: int, near: list[tuple[int, float]]) -> None:
        """`near`: remembered rows, with their cosines."""
        copied = max(((cosine, other) for other, cosine in near if self.kept[other]), default=(-2.0, -1))
        if copied[0] >= self.rules.duplicate < 1:
            self.left_out[row] = (DUPLICATE, copied[1], copied[0])
            return
        linked = (
            [(cosine, other) for other, cosine in near if cosine >= self.rules.cluster] if self.rules.by_cluster else []
        )
        roots = {self._root(other) for _, other in linked}
        if roots and sum(self.sizes[root] for root in roots) >= self.rules.cluster_cap:
            cosine, other = max(linked)
            self.left_out[row] = (CLUSTER, other, cosine)
            self._note_extra(row, self._root(other))
            return
        self._keep(row, roots)

    def _note_extra(self, row: int, root: int) -> None:
        if self.extras[root] < REMEMBERED:
            self.extras[root] += 1
            self._remember(row, root, chosen=False)

    def _keep(self, row: int, roots: set[int]) -> None:
        self.chosen.append(row)
        self.of_host[self.hosts[row]] = self.of_host.get(self.hosts[row], 0) + 1
        self.of_group[self.groups[row]] = row
        root = min(roots) if roots else row
        for other in roots - {root}:
            self.parent[other] = root
            self.sizes[root] += self.sizes.pop(other)
            self.extras[root] += self.extras.pop(other)
        if not roots:
            self.sizes[row] = self.extras[row] = 0
        self.sizes[root] += 1
        self._remember(row, root, chosen=True)

    def _remember(self, row: int, root: int, *, chosen: bool) -> None:
        self.parent[row] = root
        self.kept[row] = chosen
        if len(self.rows) == len(self.memory):
            grown = np.empty((2 * len(self.memory), self.memory.shape[1]), dtype=np.float32)
            grown[: len(self.memory)] = self.memory
            self.memory = grown
        self.memory[len(self.rows)] = self.vectors[row]
        self.rows.append(row)

    def _root(self, row: int) -> int:
        while self.parent[row] != row:
            self.parent[row] = self.parent[self.parent[row]]
            row = self.parent[row]
        return row


def _close(cosines: NDArray[Any], least: float, rows: Sequence[int]) -> dict[int, list[tuple[int, float]]]:
    """By place in the block: the rows that are at least so close, with their cosines."""
    found: dict[int, list[tuple[int, float]]] = {}
    places, columns = np.nonzero(cosines >= least)
    values = cosines[places, columns]
    for place, column, value in zip(places.tolist(), columns.tolist(), values.tolist(), strict=True):
        found.setdefault(place, []).append((rows[column], value))
    return found
