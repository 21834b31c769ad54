"""Tables that are read page by page: each page must cost what it holds, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand.db import Database
from stonehand.reading import catalogue
from stonehand.vectors import reading
from tests.reading.conftest import Shelve

pytestmark = pytest.mark.parametrize("either_database", ["sqlite"], indirect=True)
"""PostgreSQL knows how many rows a value has; SQLite guesses."""


@contextmanager
def _noted(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile."""
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        asked.append((statement, parameters))

    sa.event.listen(database.engine, "before_cursor_execute", note)
    yield asked
    sa.event.remove(database.engine, "before_cursor_execute", note)


def _sorted(database: Database, asked: list[tuple[str, Any]]) -> list[str]:
    """Those for which SQLite first sorts all that fits, so that every page costs as much as the whole."""
    with database.engine.connect() as connection:
        return [
            statement
            for statement, parameters in asked
            if statement.startswith("SELECT")
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            if row[3] == "USE TEMP B-TREE FOR ORDER BY"
        ]


def test_no_page_of_articles_or_vectors_sorts_all(
    either_database: Database, shelve: Shelve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(catalogue, "PAGE", 2)
    for topic in range(5):
        shelve(topic)
    with _noted(either_database) as asked:
        shelf = catalogue.current(either_database.read)
        catalogue.current(either_database.read)  # what is newer
        with either_database.read() as session:
            reading.all_ids(session, shelf.model, shelf.ids[-1], 2)
            reading.changes(session, shelf.model, None, 100)
            reading.present(session, shelf.ids * 10, shelf.model)
    assert shelf.size == 5
    assert sum("analyses.vector_model = ?" in statement for statement, _ in asked) > 6
    assert _sorted(either_database, asked) == []


def test_some_of_all_vectors_are_found_by_their_articles(either_database: Database, shelve: Shelve) -> None:
    ids = [shelve(topic) for topic in range(30)]
    with _noted(either_database) as asked, either_database.read() as session:
        model = session.scalar(sa.text("SELECT vector_model FROM analyses LIMIT 1"))
        assert reading.present(session, ids, str(model)) == set(ids)
    with either_database.engine.connect() as connection:
        (plan,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]).all()
    assert "(article_id=?)" in plan[3]
