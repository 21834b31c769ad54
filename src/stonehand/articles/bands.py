"""The numbers by which copies find their original, and by which articles know each other again.

An article stands there by its place in the index of words: eight bytes in place of the thirty-six of its id, forty-two
times over, and once more in an index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

import sqlalchemy as sa

from stonehand import db
from stonehand.articles import indexing
from stonehand.articles.models import Band, IndexEntry
from stonehand.db import Session

MOST = 20_000  # meetings that are looked at, of a batch


def write(session: Session, bands: Mapping[str, Collection[int]]) -> None:
    """Keep the bands of these articles, by id, in place of those that they had. A copy has none."""
    numbers = indexing.numbers(session, list(bands))
    remove(session, list(bands))
    rows = [{"value": value, "number": numbers[id_]} for id_, values in bands.items() for value in set(values)]
    if rows:
        rows.sort(key=lambda row: row["value"])  # neighbours in the table are written one after the other
        session.execute(db.insert(session, Band.__table__), rows)  # fifty an article: the table alone is faster


def remove(session: Session, article_ids: Collection[str]) -> None:
    """Nobody finds these articles by their bands any more."""
    numbers = sa.select(IndexEntry.number).where(IndexEntry.article_id.in_(article_ids))
    session.execute(sa.delete(Band).where(Band.number.in_(numbers)))


def meetings(session: Session, values: Set[int]) -> dict[int, list[str]]:
    """The articles that have these bands, by band."""
    found: dict[int, list[str]] = {}
    wish = sa.select(Band.value, IndexEntry.article_id).join(IndexEntry, IndexEntry.number == Band.number)
    for value, article_id in session.execute(wish.where(Band.value.in_(values)).limit(MOST)) if values else ():
        found.setdefault(value, []).append(article_id)
    return found
