"""An article that becomes a copy of one in another story moves there, and both stories are told anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.articles import verdicts
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.stories import queries, retelling
from stonehand.stories import tasks as place_tasks
from stonehand.stories.models import Placement, Story
from tests.stories.conftest import AddArticle
from tests.stories.test_trip import HALVERN, MATCH, NOON, PORT_ELLIS, PORT_ELLIS_LATER


def where(database: Database) -> dict[str, tuple[str, str]]:
    """Story and role of each article."""
    with database.read() as session:
        rows = session.execute(sa.select(Placement.article_id, Placement.story_id, Placement.role))
        return {article_id: (story_id, role) for article_id, story_id, role in rows}


def merge(database: Database, article_id: str, original_id: str) -> None:
    with database.transaction() as session:
        verdicts.merge(session, article_id, original_id, "Ada")
    run_all(database)


@pytest.fixture(params=["the same worker", "another worker"])
def worker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the one that moves an article has placed it."""
    if request.param == "another worker":
        monkeypatch.setattr(place_tasks, "_memory", place_tasks._Memory())


def test_a_merged_article_moves_to_the_story_of_its_original(
    database: Database, add_article: AddArticle, worker: None
) -> None:
    first = add_article(*PORT_ELLIS, "Velm Post", NOON)
    later = add_article(*PORT_ELLIS_LATER, "Harbour News", NOON + timedelta(hours=20))
    match = add_article(*MATCH, "Tamm Herald", NOON + timedelta(hours=2))
    run_all(database)
    before = where(database)
    assert before[first][0] == before[later][0] != before[match][0]
    merge(database, first, match)
    after = where(database)
    assert after[first] == (before[match][0], "copy")
    assert after[later] == (before[later][0], "first_report")
    with database.read() as session:
        left, grown = (queries.story(session, after[each][0]) for each in (later, match))
        assert (left.article_count, left.outlet_count, left.first_at) == (1, 1, NOON + timedelta(hours=20))
        assert left.title == PORT_ELLIS_LATER[0]
        assert (grown.article_count, grown.outlet_count, grown.title) == (2, 2, MATCH[0])
    follow = add_article(*PORT_ELLIS_LATER, "Daily Echo", NOON + timedelta(hours=21))
    run_all(database)
    assert where(database)[follow][0] == after[later][0]


def test_a_story_that_lost_its_last_article_is_gone_for_every_worker(
    database: Database, add_article: AddArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    halvern, match = add_article(*HALVERN, at=NOON), add_article(*MATCH, at=NOON)
    run_all(database)
    stale = place_tasks._memory.window
    emptied = where(database)[halvern][0]
    monkeypatch.setattr(place_tasks, "_memory", place_tasks._Memory())
    merge(database, halvern, match)
    with database.read() as session:
        assert session.get(Story, emptied) is None
    place_tasks._memory.window = stale
    again = add_article(HALVERN[0], HALVERN[1] + " The water falls.", "Daily Echo", NOON)
    run_all(database)
    assert where(database)[again][0] not in {emptied, where(database)[match][0]}


def test_of_a_long_story_only_some_texts_are_read_again(
    database: Database, add_article: AddArticle, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [
        add_article(PORT_ELLIS[0], f"{PORT_ELLIS[1]} Report {each}.", f"Paper{each} News", NOON + timedelta(hours=each))
        for each in range(6)
    ]
    match = add_article(*MATCH, at=NOON)
    run_all(database)
    assert len({where(database)[each][0] for each in ids}) == 1
    read: list[int] = []
    whole = retelling.read
    monkeypatch.setattr(retelling, "READ_AGAIN", 2)

    def counted(session: object, some: list[str]) -> object:
        read.append(len(some))
        return whole(session, some)  # type: ignore[arg-type]

    with database.transaction() as session:
        story_id = where(database)[ids[0]][0]
        monkeypatch.setattr(retelling, "read", counted)
        (told,), gone = retelling.tell(session, [story_id])
    assert (read, gone) == ([2], [])
    assert (told.article_count, len(told.outlets), told.first_at) == (6, 6, NOON)
    assert told.names
    assert where(database)[match][0] != story_id
