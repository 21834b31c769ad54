"""What a search asks for, as a small tree of values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """Folded words that stand one after the other, in the title or anywhere; `is_start` if the last one may go on."""

    words: tuple[str, ...]
    in_title: bool = False
    is_start: bool = False


@dataclass(frozen=True)
class Field:
    """Something about the article rather than its text. `at` is where it was written, in characters from 0."""

    name: str
    value: str
    at: int = 0


@dataclass(frozen=True)
class Not:
    """What must not be."""

    part: Node


@dataclass(frozen=True)
class All:
    """Everything that must be; of no parts, it fits every article."""

    parts: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Any:
    """Of which one suffices."""

    parts: tuple[Node, ...]


Node = Words | Field | Not | All | Any
EVERYTHING = All()


def leaves(node: Node, wanted: bool = True) -> Iterator[tuple[Words | Field, bool]]:
    """Every word and field, and whether it is wanted rather than unwanted."""
    if isinstance(node, Not):
        yield from leaves(node.part, not wanted)
    elif isinstance(node, All | Any):
        for part in node.parts:
            yield from leaves(part, wanted)
    else:
        yield node, wanted


def wanted_words(node: Node) -> list[Words]:
    """The words by which a result is recognised: those that are not excluded."""
    return [leaf for leaf, wanted in leaves(node) if wanted and isinstance(leaf, Words)]


def named(node: Node, name: str) -> list[Field]:
    """The fields of this name, wanted or not."""
    return [leaf for leaf, _ in leaves(node) if isinstance(leaf, Field) and leaf.name == name]
