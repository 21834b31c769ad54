"""Trends, vectors, and parting and joining stories at the command line."""

from __future__ import annotations

import pytest

from stonehand import db, jobs, pipeline
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.stories import queries
from stonehand.stories.errors import SplitUnfit
from stonehand.trends.errors import TrendNotFound
from tests.cli.conftest import Cli
from tests.drafts import world
from tests.drafts.material import HARBOUR, RIVAL
from tests.trends.conftest import analyse


@pytest.fixture
def story_id(prepared: Database) -> str:
    pipeline.install_worker()
    with prepared.transaction() as session:
        made = world.story(session, (("Harbour Post", HARBOUR), ("Norwick Daily", RIVAL)))
        analyse(session, made)
        queries.story(session, made).last_at = db.now(session)
        jobs.enqueue(session, "trends.update", {})
    run_all(prepared, queues=("stories",))
    return made


def test_trends(cli: Cli, story_id: str) -> None:
    assert [each["story_id"] for each in cli("trend", "list", "--json").json] == [story_id]
    assert cli("trend", "list", "--state", "dead", "--json").json == []
    assert "the states are" in cli("trend", "list", "--state", "loud").err
    assert "Told by 2 outlets" in cli("trend", "explain", story_id).out
    assert cli("trend", "explain", story_id, "--json").json["parts"]["spread"] == 50.0
    assert cli("trend", "show", story_id, "--json").json["turns"][0]["became"] == "emerging"
    assert "Turns:" in cli("trend", "show", story_id).out


def test_stories_are_parted_and_joined(cli: Cli, story_id: str, admin: Person) -> None:
    articles = [step["article_id"] for step in cli("story", "show", story_id, "--json").json["timeline"]]
    assert isinstance(cli("story", "split", story_id, *articles).error, SplitUnfit)
    made = cli("story", "split", story_id, articles[1], "--json").json["story_id"]
    assert isinstance(cli("trend", "show", made).error, TrendNotFound)
    assert cli("story", "merge", made, story_id, "--json").json == {"story_id": story_id, "merged": made}
    assert [each["id"] for each in cli("story", "list", "--json").json] == [story_id]


def test_vectors(cli: Cli, story_id: str) -> None:
    (model,) = cli("vectors", "rebuild", "--json").json
    assert model["count"] == 2
    (index,) = cli("vectors", "status", "--json").json
    assert (index["kind"], index["count"], index["there"]) == ("local", 2, 2)
