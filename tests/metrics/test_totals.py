"""Counters are right over all workers, count each end once, and forget nothing when rows are deleted."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import jobs
from stonehand.db import Database, now
from stonehand.errors import Rejected
from stonehand.jobs.models import Attempt, Job
from stonehand.jobs.testing import run_all
from stonehand.metrics import exposition, gathering, totals
from stonehand.metrics.exposition import Family
from stonehand.metrics.models import WorkMark


@jobs.task("metrictest.well", queue="default")
def well(attempt: jobs.Attempt) -> None:
    """End well."""


@jobs.task("metrictest.badly", queue="default")
def badly(attempt: jobs.Attempt) -> None:
    """End badly."""
    raise Rejected("no")


def count(database: Database) -> totals.Totals:
    totals.count_ends(database)
    with database.read() as session:
        return totals.totals(session)


def begin(database: Database) -> None:
    """Count from two minutes ago on."""
    with database.transaction() as session:
        session.add(WorkMark(name=totals.MARK, at=now(session) - timedelta(minutes=2)))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "LATE", timedelta(seconds=-2))  # as if the 5 seconds had passed


def work(database: Database) -> None:
    with database.transaction() as session:
        for name in ("metrictest.well", "metrictest.well", "metrictest.badly"):
            jobs.enqueue(session, name, {})
    run_all(database)


def test_each_end_is_counted_once(either_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "LATE", timedelta(seconds=0))
    begin(either_database)
    work(either_database)
    first = count(either_database)
    threads = [threading.Thread(target=count, args=(either_database,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = count(either_database)
    assert first["finished", "metrictest.well", "completed"] == found["finished", "metrictest.well", "completed"] == 2
    assert found["finished", "metrictest.badly", "discarded"] == 1
    assert found["tries", "metrictest.badly", "discarded"] == 1
    assert found["claims", "metrictest.well", ""] == 2
    assert 0 < found["seconds", "metrictest.well", ""] < 60
    assert found["bucket", "metrictest.well", "600"] == 2


def test_what_is_deleted_stays_counted(database: Database) -> None:
    begin(database)
    work(database)
    before = count(database)
    with database.transaction() as session:
        session.execute(sa.delete(Attempt))
        session.execute(sa.delete(Job))
    assert count(database) == before != {}


def test_counting_begins_with_the_first_look(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "LATE", timedelta(seconds=0))
    work(database)
    assert count(database) == {}, "what ended before anybody looked is not told as if it were now"


def test_a_long_gap_is_caught_up_in_pieces(database: Database) -> None:
    begin(database)
    work(database)
    with database.transaction() as session:
        session.execute(sa.update(WorkMark).values(at=now(session) - timedelta(hours=5)))
    found: totals.Totals = {}
    for _ in range(20):
        found = count(database) or found
    assert found["finished", "metrictest.well", "completed"] == 2


def test_the_text_is_what_prometheus_reads() -> None:
    family = Family("stonehand_x", "gauge", "An x.")
    family.add(1.5, {"a": 'quo"te\\and\nline'})
    lasted = Family("stonehand_y_seconds", "histogram", "A y.")
    lasted.add_histogram((0.1, 1), (2, 3), 4, 9.25, {"task": "t"})
    assert exposition.text([family, lasted]).splitlines() == [
        "# HELP stonehand_x An x.",
        "# TYPE stonehand_x gauge",
        r'stonehand_x{a="quo\"te\\and\nline"} 1.5',
        "# HELP stonehand_y_seconds A y.",
        "# TYPE stonehand_y_seconds histogram",
        'stonehand_y_seconds_bucket{task="t",le="0.1"} 2',
        'stonehand_y_seconds_bucket{task="t",le="1"} 3',
        'stonehand_y_seconds_bucket{task="t",le="+Inf"} 4',
        'stonehand_y_seconds_sum{task="t"} 9.25',
        'stonehand_y_seconds_count{task="t"} 4',
    ]


def test_everything_is_gathered_on_either_database(either_database: Database) -> None:
    work(either_database)
    with either_database.read() as session:
        names = [family.name for family in [*gathering.work(session), *gathering.content(session)]]
    assert len(set(names)) == len(names) > 15


def test_no_query_of_a_scrape_walks_through_finished_jobs(database: Database) -> None:
    """Every statement about jobs uses an index, and none counts the completed ones."""
    begin(database)
    statements: list[tuple[str, Any]] = []

    @sa.event.listens_for(database.engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "jobs" in statement and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            statements.append((statement, parameters))

    totals.count_ends(database)
    with database.read() as session:
        gathering.work(session)
    sa.event.remove(database.engine, "before_cursor_execute", note)
    with database.engine.connect() as connection:
        plans = [
            (statement, row[3])
            for statement, parameters in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    assert len(statements) > 4
    assert [plan for plan in plans if plan[1].startswith("SCAN jobs") and "INDEX" not in plan[1]] == []
