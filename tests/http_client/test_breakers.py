"""Every way out heeds the breaker of its host and tells it what happened."""

from __future__ import annotations

import socket

import pytest
import sqlalchemy as sa

from stonehand import http_client
from stonehand.db import Database
from stonehand.errors import StonehandError
from stonehand.http_client import BreakerOpen, HostUnavailable, Request
from stonehand.limits import breakers, names
from stonehand.limits.models import Breaker
from tests.http_client.conftest import Script, Site, World, answer

pytestmark = pytest.mark.usefixtures("loopback")


def states(database: Database) -> dict[str, tuple[str, int]]:
    with database.read() as session:
        return {row.name: (row.state, row.failures) for row in breakers.every(session)}


def fetch_in_vain(url: str, times: int, error: type[Exception] = HostUnavailable) -> None:
    for _ in range(times):
        with pytest.raises(error):
            http_client.fetch(url)


def due(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(Breaker).values(probe_at=0.0))


def test_a_host_that_fails_five_times_is_left_alone_until_it_answers(site: Site, database: Database) -> None:
    site.scripts["/"] = answer(500, b"oops")
    name = names.host(site.url())
    fetch_in_vain(site.url(), 5)
    fetch_in_vain(site.url(), 3, BreakerOpen)
    assert len(site.requests) == 5
    assert states(database) == {name: ("OPEN", 5)}
    due(database)
    site.scripts["/"] = answer(200, b"hello")
    assert http_client.fetch(site.url()).body == b"hello"
    assert states(database) == {name: ("CLOSED", 0)}


def test_a_probe_that_fails_opens_it_again(site: Site, database: Database) -> None:
    site.scripts["/"] = answer(503)
    fetch_in_vain(site.url(), 5)
    due(database)
    fetch_in_vain(site.url(), 1)
    fetch_in_vain(site.url(), 1, BreakerOpen)
    assert states(database) == {names.host(site.url()): ("OPEN", 6)}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 408, 425, 429])
def test_an_answer_that_refuses_us_is_an_answer(site: Site, database: Database, status: int) -> None:
    site.scripts["/"] = answer(status, retry_after="1")
    for _ in range(6):
        with pytest.raises(StonehandError) as caught:
            http_client.fetch(site.url())
        assert not isinstance(caught.value, BreakerOpen)
    assert states(database) == {}


def cut(connection: socket.socket, _head: bytes) -> None:
    connection.close()


def silent(connection: socket.socket, _head: bytes) -> None:
    connection.recv(1)  # until the other side hangs up


@pytest.mark.parametrize("script", [cut, silent])
def test_no_answer_and_a_late_one_are_failures(site: Site, database: Database, script: Script) -> None:
    site.scripts["/"] = script
    with pytest.raises(HostUnavailable):
        http_client.fetch(Request(site.url(), timeout=0.2))
    assert states(database) == {names.host(site.url()): ("CLOSED", 1)}


def test_in_a_batch_each_host_stands_for_itself(site: Site, database: Database, world: World) -> None:
    site.scripts["/"] = answer(200, b"hello")
    dead = Request("http://127.0.0.1:9/")
    first = http_client.fetch_all([dead] * 5 + [Request(site.url())], 3)
    assert [type(each).__name__ for each in first] == ["HostUnavailable"] * 5 + ["Reply"]
    tried = len(world.network.tried)
    second = http_client.fetch_all([dead, Request(site.url()), dead], 3)
    assert [type(each).__name__ for each in second] == ["BreakerOpen", "Reply", "BreakerOpen"]
    assert len(world.network.tried) <= tried + 1
    due(database)
    third = http_client.fetch_all([dead, dead, dead], 3)
    assert [type(each).__name__ for each in third] == ["HostUnavailable", "BreakerOpen", "BreakerOpen"]


def test_who_sends_us_on_has_answered_and_the_next_is_to_blame(site: Site, database: Database, world: World) -> None:
    site.scripts["/"] = answer(302, location="http://127.0.0.1:9/")
    fetch_in_vain(site.url(), 5)
    assert states(database) == {"host:127.0.0.1:9": ("OPEN", 5)}
    tried = world.network.tried.count(("127.0.0.1", 9))
    fetch_in_vain(site.url(), 1, BreakerOpen)
    assert world.network.tried.count(("127.0.0.1", 9)) == tried


def test_a_redirect_can_be_the_probe(site: Site, database: Database) -> None:
    other = Site()
    try:
        site.scripts["/"] = answer(302, location=other.url())
        other.scripts["/"] = answer(500)
        fetch_in_vain(site.url(), 5)
        due(database)
        other.scripts["/"] = answer(200, b"back")
        assert http_client.fetch(site.url()).body == b"back"
        assert states(database) == {names.host(other.url()): ("CLOSED", 0)}
    finally:
        other.close()


def test_a_person_can_pause_a_host(site: Site, database: Database) -> None:
    site.scripts["/"] = answer(200)
    with database.transaction() as session:
        breakers.hold(session, names.host(site.url()), "Mira")
    with pytest.raises(BreakerOpen, match="is paused by Mira"):
        http_client.fetch(site.url())
    assert site.requests == []


def test_who_keeps_a_breaker_of_its_own_is_not_counted(site: Site, database: Database) -> None:
    site.scripts["/"] = answer(500)
    for _ in range(6):
        with pytest.raises(HostUnavailable):
            http_client.fetch(Request(site.url(), breaker=False))
    assert states(database) == {}


def test_what_is_no_address_has_no_breaker(database: Database) -> None:
    fetch_in_vain("ftp://example.org/", 6, http_client.UrlMalformed)
    fetch_in_vain("http://h:99999/", 6, http_client.UrlMalformed)
    assert states(database) == {}
