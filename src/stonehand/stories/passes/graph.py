"""The graph pass: which of some articles belong together, seen all at once. Pure.

Each article is joined to the `NEIGHBOURS` most alike, unless they are less alike than `FLOOR`. Groups are those that
make the most of

    sum over pairs inside of a group of (likeness if joined, else 0) - RESOLUTION

which is the constant Potts model (Traag et al. 2011), found by Louvain's moves (Blondel et al. 2008). Unlike
modularity, what is best for one part of the graph does not depend on the rest, so that a pass may look at the changed
part alone. likeness = 0.2 x cosine of the vectors + 0.5 x that of the words + 0.3 x that of the names. The numbers
were chosen on one half of the development topics and judged on the other; `stories.b3_f1` repeats that.

One article that mentions another event must not make one story of two: groups join only if the links between them come
to `SUPPORT` for each article of the smaller one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp import lexical
from stonehand.nlp.lexical import Weights
from stonehand.nlp.vectors import Row
from stonehand.stories.placement import LATE, WINDOW_DAYS, Reading

NEIGHBOURS = 4
FLOOR = 0.27
RESOLUTION = 0.03
SUPPORT = 0.2
SHARES = (0.2, 0.5, 0.3)  # of the vectors, the words and the names
ROUNDS = 20  # of moves at most, until nobody gains by moving
COLUMNS = 4096  # words that are multiplied at once
LEAST = 1e-9  # that a move must gain
DAY = 86_400
Pair = tuple[int, int]
Square = NDArray[np.float32]
Edges = list[dict[int, float]]


@dataclass(frozen=True)
class Options:
    """The numbers of the pass."""

    neighbours: int = NEIGHBOURS
    floor: float = FLOOR
    resolution: float = RESOLUTION
    shares: tuple[float, float, float] = SHARES
    support: float = SUPPORT


@dataclass(frozen=True)
class Said:
    """What editors said of pairs of articles, by their places: these belong together, those do not."""

    together: Collection[Pair] = field(default_factory=tuple)
    apart: Collection[Pair] = field(default_factory=tuple)


def likeness(
    readings: Sequence[Reading],
    terms: Mapping[str, float],
    names: Mapping[str, float],
    shares: tuple[float, float, float] = SHARES,
) -> Square:
    """float32 [n, n]: how alike each two articles are. `terms` and `names` are the rarities of words.

    Vectors of different models are not compared; a gap in time costs up to `LATE`, as in placement.
    """
    if not readings:
        return np.zeros((0, 0), dtype=np.float32)
    rows: Row = np.stack([each.vector for each in readings])
    models = np.array([each.vector_model for each in readings])
    cosines = (rows @ rows.T) * (models[:, np.newaxis] == models)
    days = np.array([each.reported_at.timestamp() / DAY for each in readings])
    late = LATE * np.minimum(np.abs(days[:, np.newaxis] - days) / WINDOW_DAYS, 1.0)
    words = products([lexical.weigh(each.terms, terms, unseen=1.0) for each in readings])
    named = products([lexical.weigh(each.names, names, unseen=1.0) for each in readings])
    found = shares[0] * cosines + shares[1] * words + shares[2] * named - late
    return np.asarray(found, dtype=np.float32)


def products(weighed: Sequence[Weights]) -> Square:
    """float32 [n, n]: the cosine of each two weightings. Words that only one has are passed over."""
    spread = Counter(word for each in weighed for word in each)
    shared = {word: number for number, word in enumerate(word for word, count in spread.items() if count > 1)}
    found = np.zeros((len(weighed), len(weighed)), dtype=np.float32)
    for start in range(0, len(shared), COLUMNS):
        part = np.zeros((len(weighed), min(COLUMNS, len(shared) - start)), dtype=np.float32)
        for row, each in enumerate(weighed):
            for word, weight in each.items():
                column = shared.get(word, -1) - start
                if 0 <= column < part.shape[1]:
                    part[row, column] = weight
        found += part @ part.T
    return found


def groups(alike: Square, said: Said | None = None, options: Options | None = None) -> list[int]:
    """The number of each article's group. Editors' words are obeyed whatever the graph says."""
    said, options = said or Said(), options or Options()
    number = _joined(len(alike), said.together)
    edges = _folded(nearest(alike, options), number)
    apart = {(number[one], number[other]) for one, other in said.apart}
    sizes = Counter(number)
    found = communities(edges, [float(sizes[at]) for at in range(len(edges))], options, apart)
    return [found[each] for each in number]


def _joined(count: int, together: Collection[Pair]) -> list[int]:
    """Consecutive numbers of what must stay together: connected parts, by union and find."""
    parent = list(range(count))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = at = parent[parent[at]]
        return at

    for one, other in together:
        parent[root(one)] = root(other)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(root(at), len(numbers)) for at in range(count)]


def nearest(alike: Square, options: Options) -> Edges:
    """The edges of each article to those most like it, both ways."""
    edges: Edges = [{} for _ in range(len(alike))]
    if len(alike) < 2:
        return edges
    likes = alike.copy()
    np.fill_diagonal(likes, -1.0)
    k = min(options.neighbours, len(alike) - 1)
    best = np.argpartition(-likes, k - 1, axis=1)[:, :k]
    for one, others in enumerate(best.tolist()):
        for other in others:
            if (weight := float(likes[one, other])) >= options.floor:
                edges[one][other] = edges[other][one] = weight
    return edges


def _folded(edges: Edges, number: Sequence[int]) -> Edges:
    """The same graph with several nodes taken as one; what lies inside of one is left out."""
    found: list[defaultdict[int, float]] = [defaultdict(float) for _ in range(max(number, default=-1) + 1)]
    for one, others in enumerate(edges):
        for other, weight in others.items():
            if number[one] != number[other]:
                found[number[one]][number[other]] += weight
    return [dict(each) for each in found]


def communities(edges: Edges, sizes: Sequence[float], options: Options, apart: Collection[Pair]) -> list[int]:
    """Move nodes while something is gained, then take groups as nodes, until nothing moves any more."""
    whole, foes = list(range(len(edges))), _both_ways(apart)
    while True:
        number = _joined_by_moves(edges, sizes, options, foes)
        count = len(set(number))
        whole = [number[each] for each in whole]
        if count == len(edges):
            return whole
        edges = _folded(edges, number)
        merged = [0.0] * count
        for at, size in enumerate(sizes):
            merged[number[at]] += size
        sizes = merged
        foes = _both_ways([(number[one], number[other]) for one, others in foes.items() for other in others])


def _both_ways(pairs: Collection[Pair]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one, other in pairs:
        if one != other:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return found


def _joined_by_moves(edges: Edges, sizes: Sequence[float], options: Options, foes: Mapping[int, set[int]]) -> list[int]:
    """Groups after every node has moved to where it gains most, round after round; as consecutive numbers."""
    group = list(range(len(edges)))
    weight = list(sizes)
    for _ in range(ROUNDS):
        moved = False
        for node, others in enumerate(edges):
            hated = {group[foe] for foe in foes.get(node, ())}
            gains = _gains(node, others, group, weight, sizes[node], options)
            best = max((each for each in gains if each not in hated), key=lambda each: gains[each], default=group[node])
            if gains[best] <= gains[group[node]] + LEAST:
                best = group[node]
            if best != group[node]:
                weight[group[node]] -= sizes[node]
                weight[best] += sizes[node]
                group[node], moved = best, True
        if not moved:
            break
    numbers: dict[int, int] = {}
    return [numbers.setdefault(each, len(numbers)) for each in group]


def _gains(
    node: int,
    others: Mapping[int, float],
    group: Sequence[int],
    weight: Sequence[float],
    size: float,
    options: Options,
) -> dict[int, float]:
    """What the node adds to each group near it that it has links enough to, to its own, and to an empty one."""
    own = group[node]
    gains: defaultdict[int, float] = defaultdict(float, {own: 0.0})
    for other, alike in others.items():
        gains[group[other]] += alike
    if own != node and not weight[node]:
        gains[node] = 0.0
    rest = {each: weight[each] - (size if each == own else 0.0) for each in gains}
    return {
        each: gained - options.resolution * size * rest[each]
        for each, gained in gains.items()
        if each == own or gained >= options.support * min(size, rest[each])
    }
