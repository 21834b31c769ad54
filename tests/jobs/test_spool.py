"""The embedded broker survives half a message and half a routing table."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stonehand import config
from stonehand.jobs.broker import engine, spool, stirring


@pytest.fixture
def folder(data_dir: Path) -> Path:
    engine.app.cache_clear()
    engine.press("fetch")
    return config.settings().data_dir / "spool"


def read_all(queue: str) -> int:
    """How many messages a worker would get from this queue."""
    with engine.app().connection_for_read() as connection:
        bells = connection.SimpleQueue(queue)
        count = 0
        while True:
            try:
                bells.get(block=False).ack()
            except bells.Empty:
                return count
            count += 1


def test_a_bell_is_heard_once(folder: Path) -> None:
    assert read_all("fetch") == 1
    assert read_all("fetch") == 0
    assert list((folder / "bells").iterdir()) == []


def test_half_a_message_is_passed_over(folder: Path) -> None:
    (folder / "bells" / "000000000000001_x.fetch.msg").write_text('{"body": "W1')
    (folder / "bells" / "000000000000000_x.fetch.msg").write_text("")
    assert read_all("fetch") == 1


def test_half_a_routing_table_is_made_anew(folder: Path) -> None:
    for table in (folder / "control").glob("*.exchange"):
        table.write_text("")
    engine.app.cache_clear()
    engine.press("fetch")
    assert read_all("fetch") == 2


def test_a_bell_is_heard_as_soon_as_it_rings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "LONGEST", 60)
    assert read_all("fetch") == 1
    heard: list[object] = []
    with (
        engine.app().connection_for_read() as connection,
        connection.Consumer(_queue("fetch"), callbacks=[_note(heard)]),
    ):
        ringing = threading.Timer(0.3, engine.press, ["fetch"])
        ringing.start()
        connection.drain_events(timeout=30)
        ringing.join()
    assert len(heard) == 1


def test_where_the_system_tells_nothing_it_is_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stirring, "_watch", lambda _: None)
    heard: list[object] = []
    with (
        engine.app().connection_for_read() as connection,
        connection.Consumer(_queue("fetch"), callbacks=[_note(heard)]),
    ):
        connection.drain_events(timeout=30)
        with pytest.raises(TimeoutError):
            connection.drain_events(timeout=0.2)
    assert len(heard) == 1


def _queue(name: str) -> list[Any]:
    return [engine.app().amqp.queues[name]]


def _note(heard: list[object]) -> Callable[[object, Any], None]:
    def note(body: object, message: Any) -> None:
        heard.append(body)
        message.ack()

    return note
