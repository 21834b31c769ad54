"""The INSERT of jobs: a short statement that is run for each row, or one for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from stonehand.db import Session, dialect, insert_by
from stonehand.jobs.models import HELD_OR_WAITING, Job

Row = dict[str, Any]
MANY = 8  # rows from which PostgreSQL takes them in one statement sooner than one by one
_TABLE = sa.inspect(Job).local_table


def insert(session: Session, rows: Sequence[Row]) -> None:
    """Insert jobs, but none whose unique key waits or runs already. All have the same columns."""
    connection = session.connection()
    if dialect(session) == "sqlite" or len(rows) < MANY:
        connection.execute(_one_by_one(dialect(session)), list(rows))
        return
    first, *others = rows
    alike = [name for name, value in first.items() if all(row[name] == value for row in others)]
    varying = [name for name in first if name not in alike]
    values = {name: first[name] for name in alike}
    listed = [{name: row[name] for name in varying} for row in rows]
    connection.execute(_together(tuple(alike), tuple(varying)), values | {"listed": listed})


@cache
def _one_by_one(name: str) -> Any:
    return _once(insert_by(name, _TABLE))


@cache
def _together(alike: tuple[str, ...], varying: tuple[str, ...]) -> Any:
    """What all rows have in common is sent once; the rest is one JSON document, which the server takes apart."""
    listed = sa.bindparam("listed", type_=postgresql.JSONB)
    columns = [sa.column(name, _TABLE.c[name].type) for name in varying]
    rows = sa.func.jsonb_to_recordset(listed).table_valued(*columns).render_derived(name="listed", with_types=True)
    common = [sa.bindparam(name, type_=_TABLE.c[name].type) for name in alike]
    chosen = sa.select(*common, *(rows.c[name] for name in varying))
    return _once(insert_by("postgresql", _TABLE).from_select([*alike, *varying], chosen, include_defaults=False))


def _once(insertion: Any) -> Any:
    return insertion.on_conflict_do_nothing(
        index_elements=["unique_key"],
        index_where=sa.text(f"unique_key IS NOT NULL AND state IN ({HELD_OR_WAITING})"),
    )
