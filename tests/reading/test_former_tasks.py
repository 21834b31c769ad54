"""What the old tasks of recommendations take, and what they do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stonehand import formerly, jobs, pipeline
from stonehand.db import Database
from stonehand.formerly import CallUnfit
from stonehand.jobs import announcements
from stonehand.jobs.clock.schedules import Planned
from stonehand.jobs.testing import run_all
from stonehand.reading import queries
from stonehand.reading.states import Deed
from tests.reading.conftest import Do, Enrol, Shelve

MODULES = ("backend.celery_app", "backend.tasks.recommendations")


@pytest.fixture(autouse=True)
def _pipeline() -> Iterator[None]:
    before = dict(announcements._followers)
    pipeline.install_worker()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "task", "wanted"),
    [
        ("update_user_recommendations", ["u1"], {}, "reading.update", {"user_id": "u1", "limit": "20"}),
        (
            "update_user_recommendations",
            [],
            {"user_id": "u1", "limit": 5},
            "reading.update",
            {"user_id": "u1", "limit": "5"},
        ),
        ("update_all_user_recommendations", [], {}, "reading.update_all", {}),
        ("cleanup_expired_cache", [], {}, "reading.tidy", {}),
    ],
)
def test_old_names_lead_to_our_tasks(
    name: str, args: list[Any], kwargs: dict[str, Any], task: str, wanted: dict[str, str]
) -> None:
    found = formerly.find(name)
    assert found is not None
    assert (found.task, found.arguments(args, kwargs)) == (task, wanted)


def test_they_are_known_by_their_whole_names_too() -> None:
    for module in MODULES:
        assert formerly.find(f"{module}.update_all_user_recommendations") is not None
    assert formerly.find("backend.tasks.cleanup.cleanup_expired_cache") is not None


@pytest.mark.parametrize("kwargs", [{}, {"user_id": "u 1"}, {"user_id": "u1", "limit": 0}, {"user_id": 7, "x": 1}])
def test_arguments_that_do_not_fit_are_refused(kwargs: dict[str, Any]) -> None:
    found = formerly.find("update_user_recommendations")
    assert found is not None
    with pytest.raises(CallUnfit, match="update_user_recommendations cannot take these arguments"):
        found.arguments([], kwargs)


def test_the_schedules_of_before() -> None:
    planned = {each.task: each for each in pipeline.SCHEDULES if isinstance(each, Planned)}
    assert planned["reading.update_all"].expression == "0 2 * * *"
    assert planned["reading.tidy"].expression == "0 */6 * * *"
    assert all(each.jitter <= 60 for each in planned.values())


def test_an_old_call_makes_a_list(either_database: Database, enrol: Enrol, shelve: Shelve, do: Do) -> None:
    ada = enrol("Ada", "editor")
    do(ada, Deed.LIKE, shelve(topic=1))
    near = shelve(topic=1)
    former = formerly.find("update_user_recommendations")
    assert former is not None
    with either_database.transaction() as session:
        jobs.enqueue(session, former.task, former.arguments([ada.id], {}), called_as=former.name)
    run_all(either_database, queues=("recommendations",))
    with either_database.read() as session:
        found, _ = queries.recommended(session, ada.id, 20)
    assert [each.article_id for each in found] == [near]
