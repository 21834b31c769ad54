"""Curations that ended long ago go with their results; what a draft cites keeps the one that chose it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from stonehand.articles.models import Article
from stonehand.curation.models import Curation, CurationItem
from stonehand.curation.states import CurationState, ItemState, Kind
from stonehand.db import Database, now
from stonehand.retention import service
from tests.retention.test_retention import article, cite, due, run


@pytest.fixture
def database(either_database: Database) -> Database:
    return either_database


def curation(
    database: Database, days: int, *chosen: str, others: tuple[str, ...] = (), state: CurationState = CurationState.DONE
) -> str:
    with database.transaction() as session:
        ended = None if state == CurationState.READING else now(session) - timedelta(days=days)
        times = dict.fromkeys(("created_at", "began_at", "gathered_at"), now(session) - timedelta(days=days + 1))
        made = Curation(kind=Kind.TOPIC, topic="bridges", weights={}, rules={}, limit_seconds=300, created_by="Ada")
        made.state, made.ended_at, made.created_at = state, ended, times["created_at"]
        session.add(made)
        session.flush()
        for at, article_id in enumerate((*chosen, *others)):
            item = CurationItem(curation_id=made.id, position=at, url="https://a.example/", state=ItemState.SCORED)
            item.article_id, item.place = article_id, at + 1 if article_id in chosen else None
            session.add(item)
        return made.id


def left(database: Database) -> set[str]:
    with database.read() as session:
        items = set(session.scalars(sa.select(CurationItem.curation_id)))
        found = set(session.scalars(sa.select(Curation.id)))
        assert items <= found
        return found


def test_old_curations_go_and_their_articles_stay(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "CHUNK", 2)
    ids = [article(database, timedelta(days=1)) for _ in range(3)]
    old = [curation(database, 181, *ids), curation(database, 400, state=CurationState.STOPPED)]
    fresh = curation(database, 179, *ids)
    running = curation(database, 900, state=CurationState.READING)
    assert due(database)["curations"] == len(old)
    run(database, "retention.curations")
    assert left(database) == {fresh, running}
    assert due(database)["curations"] == 0
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Article)) == len(ids)


def test_what_a_draft_cites_keeps_the_curation_that_chose_it(database: Database) -> None:
    cited, other = article(database, timedelta(days=300)), article(database, timedelta(days=300))
    cite(database, cited)
    kept = curation(database, 300, cited)
    curation(database, 300, other, others=(cited,))
    run(database, "retention.curations")
    assert left(database) == {kept}
