"""Looks at some stories together and decides what has to move, with the evidence. Pure but for new ids."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from stonehand.ids import new_id
from stonehand.nlp.lexical import Weights
from stonehand.stories.passes import graph, identity
from stonehand.stories.passes.graph import Options, Said, Square
from stonehand.stories.passes.identity import Move
from stonehand.stories.placement import SHOWN_NAMES, Reading


@dataclass(frozen=True)
class Look:
    """What a pass has read: articles with their stories, how rare words are, and what editors said, by ids."""

    readings: Mapping[str, Reading]
    before: Mapping[str, str]
    active: Collection[str]
    rarities: tuple[Weights, Weights]
    together: Sequence[tuple[str, str]] = ()
    apart: Sequence[tuple[str, str]] = ()
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Plan:
    """What has to move, and for each move why."""

    moves: Sequence[Move]
    evidence: Sequence[dict[str, Any]]


def plan(look: Look) -> Plan:
    """Groups of the graph, matched with the stories of before."""
    ids = [each for each in look.before if each in look.readings]
    place = {article_id: number for number, article_id in enumerate(ids)}
    alike = graph.likeness([look.readings[each] for each in ids], *look.rarities, look.options.shares)
    found = graph.groups(alike, Said(_places(look.together, place), _places(look.apart, place)), look.options)
    parts: dict[int, list[str]] = {}
    for article_id, number in zip(ids, found, strict=True):
        parts.setdefault(number, []).append(article_id)
    moves = identity.moves(list(parts.values()), look.before, look.active, lambda story_id: story_id, new_id)
    group_of = {each: part for part in parts.values() for each in part}
    return Plan(moves, [_why(move, group_of, alike, place, look) for move in moves])


def _places(pairs: Sequence[tuple[str, str]], place: Mapping[str, int]) -> list[tuple[int, int]]:
    return [(place[one], place[other]) for one, other in pairs if one in place and other in place]


def _why(
    move: Move, group_of: Mapping[str, Sequence[str]], alike: Square, place: Mapping[str, int], look: Look
) -> dict[str, Any]:
    """How alike the moved articles are to those they go to and to those they leave, and the names they share."""
    moved = [place[each] for each in move.article_ids]
    rest = [place[each] for each in group_of[move.article_ids[0]] if each not in move.article_ids]
    left = [
        place[each] for each, story in look.before.items() if story == move.from_id and place.get(each, -1) not in moved
    ]
    names = [set(look.readings[each].names) for each in move.article_ids]
    others = set().union(
        *(look.readings[each].names for each in group_of[move.article_ids[0]] if each not in move.article_ids)
    )
    shared = sorted(set().union(*names) & others, key=lambda name: (-look.rarities[1].get(name, 0.0), name))
    return {
        "to": _mean_of_best(alike, moved, rest),
        "from": _mean_of_best(alike, moved, [each for each in left if each >= 0]),
        "shared": shared[:SHOWN_NAMES],
    }


def _mean_of_best(alike: Square, rows: Sequence[int], columns: Sequence[int]) -> float:
    """The likeness of each row to its nearest column, on average; 0 if there is none."""
    if not rows or not columns:
        return 0.0
    return round(float(np.mean(alike[np.ix_(rows, columns)].max(axis=1))), 4)
