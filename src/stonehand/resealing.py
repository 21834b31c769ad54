"""Bringing every sealed secret under the newest key. It can be stopped and begun again at any point.

A column holds sealed secrets if its model says so (`mapped_column(info=SEALED)`): a text, or JSON whose values are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from stonehand import migrations, vault
from stonehand.db import Database

CHUNK = 100  # rows looked at in one transaction


@dataclass
class Survey:
    """How many secrets each key seals, by its fingerprint; and where those are that no key of ours opens."""

    keys: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)


def survey(database: Database) -> Survey:
    """Look at every sealed secret. Changes nothing."""
    found = Survey()
    for column in _columns():
        for row_id, value in _rows(database, column):
            for name, token in _tokens(value):
                fingerprint = vault.sealed_by(token)
                if fingerprint:
                    found.keys[fingerprint] += 1
                else:
                    found.unreadable.append(f"{column.table.name} {row_id} {name}".strip())
    return found


def reseal(database: Database, done: Callable[[int], None] = lambda _count: None) -> int:
    """Seal anew what is not under the newest key. Returns how many secrets; what cannot be opened is left as it is."""
    total = 0
    for column in _columns():
        for row_id, value in _rows(database, column):
            if any(_is_old(token) for _, token in _tokens(value)):
                total += _reseal_row(database, column, row_id)
                done(total)
    return total


def _reseal_row(database: Database, column: sa.Column[Any], row_id: Any) -> int:
    """One row, read again under a lock: somebody may have changed it meanwhile."""
    key = _key(column)
    with database.transaction() as session:
        value = session.scalar(sa.select(column).where(key == row_id).with_for_update(key_share=True))
        old = [name for name, token in _tokens(value) if _is_old(token)]
        fresh = {name: vault.rotate(token) if name in old else token for name, token in _tokens(value)}
        new = {**value, **fresh} if isinstance(value, dict) else fresh.get("", value)
        session.execute(sa.update(column.table).where(key == row_id).values({column.name: new}))
    return len(old)


def _is_old(token: str) -> bool:
    fingerprint = vault.sealed_by(token)
    return bool(fingerprint) and fingerprint != vault.fingerprints()[0]


def _columns() -> list[sa.Column[Any]]:
    tables = migrations.load_models().sorted_tables
    return [column for table in tables for column in table.columns if column.info.get("sealed")]


def _key(column: sa.Column[Any]) -> sa.Column[Any]:
    (key,) = column.table.primary_key.columns
    return key


def _rows(database: Database, column: sa.Column[Any]) -> Iterator[tuple[Any, Any]]:
    key, last = _key(column), ""
    while True:
        with database.read() as session:
            page = sa.select(key, column).where(key > last, column.is_not(None)).order_by(key).limit(CHUNK)
            rows = session.execute(page).all()
        yield from ((row_id, value) for row_id, value in rows)
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


def _tokens(value: Any) -> list[tuple[str, str]]:
    """The sealed secrets of a value, by their names."""
    if isinstance(value, dict):
        return [(name, token) for name, token in value.items() if isinstance(token, str) and token]
    return [("", value)] if isinstance(value, str) and value else []
