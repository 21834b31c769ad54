"""Everything that is kept of one reader, for them to take along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.reading.forgetting import PERSONAL

PAGE = 500  # rows read in one transaction
Opened = Callable[[], AbstractContextManager[Session]]


def export(opened: Opened, user_id: str, more: Sequence[Any] = ()) -> Iterator[dict[str, Any]]:
    """A dict for each row: `table`, then its columns. `more` are tables of later rooms that know the reader, too."""
    for table in (*PERSONAL, *more):
        keys, edge = list(sa.inspect(table).primary_key), None
        while True:
            wish = sa.select(*sa.inspect(table).local_table.columns).where(table.user_id == user_id)
            if edge is not None:
                wish = wish.where(sa.tuple_(*keys) > sa.tuple_(*map(sa.literal, edge)))
            with opened() as session:
                page = session.execute(wish.order_by(*keys).limit(PAGE)).mappings().all()
            yield from ({"table": table.__tablename__, **_plain(row)} for row in page)
            if len(page) < PAGE:
                break
            edge = tuple(page[-1][key.name] for key in keys)


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, (date, datetime)) else value
        for name, value in row.items()
        if name != "user_id"
    }
