"""Parts of the library, the newest first and each larger than the one before.

Where an index cannot stop early, it is asked for the newest part, then for the next: a search for what is common ends
with the first, and one for what is rare pays for a few more questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stonehand.articles.models import BLOCK, Article, IndexEntry
from stonehand.db import Session
from stonehand.search.tree import All, Node, Not, Words, leaves
from stonehand.search.tree import Any as Either

FIRST = 4000  # articles of the first part
GROWTH = 4  # times as many in the next
NOWHERE = (0, -1)


@dataclass(frozen=True)
class Part:
    """Articles after one id up to another, None for no edge, and the first and last of their places in the index."""

    after: str | None
    until: str | None
    places: tuple[int, int]

    def holds(self, column: Any) -> list[sa.ColumnElement[bool]]:
        """Conditions that an id is in here."""
        lower = [column > self.after] if self.after else []
        return lower + ([column <= self.until] if self.until else [])


def has_unwanted_words(node: Node) -> bool:
    """Whether it asks for articles without certain words."""
    if isinstance(node, Not):
        return any(isinstance(leaf, Words) for leaf, _ in leaves(node.part))
    return isinstance(node, All | Either) and any(map(has_unwanted_words, node.parts))


def of_places(session: Session, is_narrowed: bool = False) -> Iterator[tuple[int, int]]:
    """The first and last place of each part of the index of words, all of them whole blocks.

    Where words are not all that is asked for, fewer rows of a part fit, and the first is as large as the second.
    """
    last = session.scalar(sa.select(sa.func.max(IndexEntry.number))) or 0
    size = FIRST * GROWTH if is_narrowed else FIRST
    while last > 0:
        first = max(0, last - size + 1) // BLOCK * BLOCK
        yield first, last + -(last + 1) % BLOCK
        last, size = first - 1, size * GROWTH


def of_articles(session: Session) -> Iterator[Part]:
    """Parts of all articles. The last one has no lower edge."""
    until, size = None, FIRST
    while True:
        beyond = sa.select(Article.id).order_by(Article.id.desc()).limit(1).offset(size)
        after = session.scalar(beyond.where(Article.id <= until) if until else beyond)
        part = Part(after, until, NOWHERE)
        edges = sa.select(sa.func.min(IndexEntry.number), sa.func.max(IndexEntry.number))
        first, last = session.execute(edges.where(*part.holds(IndexEntry.article_id))).one()
        yield Part(after, until, (first, last) if first is not None else NOWHERE)
        if after is None:
            return
        until, size = after, size * GROWTH
