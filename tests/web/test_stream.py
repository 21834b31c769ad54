"""Live events: what changed is told, silence costs nothing, and a stop ends every stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import httpx2
import pytest
import sqlalchemy as sa

from stonehand import db
from stonehand.web import stream, topics
from tests.web import gallery

PATIENCE = 5.0


@pytest.fixture
def table(database: db.Database) -> Iterator[sa.Table]:
    things = sa.Table("things", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
    things.create(database.engine)
    yield things
    things.drop(database.engine)


def _add(database: db.Database, table: sa.Table) -> None:
    with database.transaction() as session:
        session.execute(sa.insert(table))


def _count(table: sa.Table) -> topics.Probe:
    return lambda session, _id: session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_commit_is_told_to_those_who_listen_to_its_topic(
    database: db.Database, table: sa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(topics.PROBES, "jobs", _count(table))
    monkeypatch.setitem(topics.PROBES, "stories", lambda _session, _id: "still")

    async def scene() -> list[str | None]:
        hub = stream.Hub(lambda: database, period=0.02)
        heard: list[str | None] = []

        async def listener(topic: str) -> None:
            async for name in hub.listen(frozenset({topic})):
                heard.append(name)

        tasks = [asyncio.create_task(listener(topic)) for topic in ("jobs", "stories")]
        await asyncio.sleep(0.15)
        await asyncio.to_thread(_add, database, table)
        await asyncio.sleep(0.2)
        hub.close()
        await asyncio.gather(*tasks)
        return heard

    assert asyncio.run(scene()) == ["jobs"]


def test_nobody_listens_nothing_polls(database: db.Database) -> None:
    async def scene() -> bool:
        hub = stream.Hub(lambda: database, period=0.02)
        listening = hub.listen(frozenset({"jobs"}))
        pending = asyncio.ensure_future(anext(listening))
        await asyncio.sleep(0.1)
        pending.cancel()
        await asyncio.gather(pending, return_exceptions=True)
        await asyncio.sleep(0.1)
        return hub.watching

    assert not asyncio.run(scene())


def test_an_open_stream_does_not_hold_up_the_end() -> None:
    application = gallery.app()
    with (
        gallery.served(application) as address,
        httpx2.Client(base_url=address, trust_env=False, timeout=PATIENCE) as client,
        client.stream("GET", "/stream?topic=jobs&topic=job:0193") as answer,
    ):
        chunks = answer.iter_bytes()
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert b"retry" in next(chunks)
        started = time.monotonic()
        application.state.hub.close_soon()
        assert b"".join(chunks) == b""
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("topic", ["passwords", "job:../../etc", "jobs:'", ""])
def test_only_known_topics_can_be_listened_to(topic: str) -> None:
    with pytest.raises(topics.TopicUnknown):
        topics.check(topic)
