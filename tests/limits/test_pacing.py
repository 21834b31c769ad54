"""One pace for each host, whoever asks: the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading

import pytest

from stonehand import config
from stonehand.db import Database
from stonehand.limits import pacing

HOST = "news.example:443"


@pytest.fixture
def store(either_database: Database) -> Database:
    """Every test here holds on both kinds of database."""
    return either_database


def _reserve(store: Database, host: str = HOST, interval: float = 5.0) -> float:
    with store.transaction() as session:
        return pacing.reserve(session, host, interval)


def test_slots_follow_each_other(store: Database) -> None:
    assert [_reserve(store) for _ in range(4)] == pytest.approx([0, 5, 10, 15], abs=0.5)
    assert _reserve(store, "other.example:443") == 0


def test_the_case_of_a_host_is_nothing(store: Database) -> None:
    assert [_reserve(store), _reserve(store, HOST.upper())] == pytest.approx([0, 5], abs=0.5)


def test_nobody_queues_beyond_the_horizon(store: Database) -> None:
    waits = [_reserve(store, interval=20) for _ in range(5)]
    assert waits == pytest.approx([0, 20, 40, 40, 40], abs=0.5)
    assert sum(wait > pacing.HORIZON for wait in waits) == 3


def test_a_host_may_ask_to_be_left_alone(store: Database) -> None:
    with store.transaction() as session:
        pacing.defer(session, HOST, 100)
        pacing.defer(session, HOST, 20)
    assert _reserve(store) == pytest.approx(100, abs=1)
    assert _reserve(store) == pytest.approx(100, abs=1)


def test_a_short_deferral_moves_the_queue(store: Database) -> None:
    _reserve(store)
    with store.transaction() as session:
        pacing.defer(session, HOST, 12)
    assert [_reserve(store), _reserve(store)] == pytest.approx([12, 17], abs=1)


def test_a_deferral_lasts_a_day_at_most(store: Database) -> None:
    with store.transaction() as session:
        pacing.defer(session, HOST, 1e12)
    assert _reserve(store) == pytest.approx(86_400, abs=1)


def test_a_batch_answers_in_its_own_order(store: Database) -> None:
    hosts = ["b.example:80", "a.example:80", "127.0.0.1:80", "b.example:80", "a.example:80"]
    with store.transaction() as session:
        assert pacing.reserve_many(session, hosts, 3) == pytest.approx([0, 0, 0, 3, 3], abs=0.1)


def test_what_is_rolled_back_was_never_reserved(store: Database) -> None:
    with store.transaction() as session:
        pacing.reserve(session, HOST, 5)
        session.rollback()
    assert _reserve(store) == 0


def test_workers_never_share_a_slot(store: Database) -> None:
    waits: list[float] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(5):
                with store.transaction() as session:
                    waits.extend(pacing.reserve_many(session, [HOST, "a.example:1", "z.example:1"], 1.0)[:1])
        except BaseException as error:
            errors.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert errors == []
    assert len(waits) == 20
    assert max(waits) > 16
    assert _reserve(store, interval=1.0) > 17


@pytest.mark.parametrize("host", ["127.0.0.1:80", "127.8.8.8:1", "[::1]:80", "localhost:8000", "LOCALHOST:80"])
def test_loopback_is_not_paced(host: str) -> None:
    assert not pacing.is_paced(host)


def test_opened_networks_are_not_paced(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert pacing.is_paced("10.0.0.1:80")
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "10.0.0.0/8")
    config.settings.cache_clear()
    assert [_reserve(store, "10.0.0.1:80") for _ in range(3)] == [0, 0, 0]
    assert pacing.is_paced("11.0.0.1:80")


def test_no_interval_is_no_pace(store: Database) -> None:
    assert [_reserve(store, interval=0) for _ in range(3)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://News.Example/a?b", "news.example:443"),
        ("http://news.example.", "news.example:80"),
        ("HTTP://news.example:8080/", "news.example:8080"),
        ("http://[2001:DB8::1]/", "[2001:db8::1]:80"),
        ("http://h:99999/", "malformed:0"),
        ("http://[::1", "malformed:0"),
    ],
)
def test_the_key_of_a_host(url: str, host: str) -> None:
    assert pacing.host_of(url) == host
