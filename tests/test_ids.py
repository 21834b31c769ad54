"""Ids: in order, unique, and true to the clock."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from stonehand.ids import first_id, new_id

MANY = 20_000


def test_ids_are_in_the_order_in_which_they_were_made_and_of_version_7() -> None:
    made = [new_id() for _ in range(MANY)]
    assert made == sorted(set(made))
    assert {(UUID(each).version, UUID(each).variant) for each in made} == {(7, RFC_4122)}


def test_however_many_are_made_none_runs_ahead_of_the_clock() -> None:
    for _ in range(MANY):
        last = new_id()
    edge = datetime.now(UTC) + timedelta(milliseconds=1)
    assert first_id(edge - timedelta(seconds=60)) < last < first_id(edge)


def test_threads_get_ids_of_their_own() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: new_id(), range(MANY)))
    assert len(set(made)) == MANY


def test_a_clock_that_is_set_back_does_not_break_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    before = new_id()
    earlier = time.time_ns() - 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: earlier)
    assert new_id() > before
