"""TLS: the name that was asked for is the name that must be proven, whatever address was connected."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from stonehand import http_client
from stonehand.http_client.errors import HostUnavailable
from tests.certificates import self_signed

from .conftest import Site, World, answer


@pytest.fixture
def secure(tmp_path: Path, world: World) -> Iterator[tuple[Site, list[str | None]]]:
    """A site at news.example:443, trusted by our client, and the names that clients greeted it with."""
    greeted: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = self_signed(tmp_path, "news.example")
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: greeted.append(name)
    site = Site(context)
    site.scripts["/"] = answer(body=b"sealed")
    world.begin(ssl.create_default_context(cafile=str(certificate)))
    world.names.answers |= {name: [["93.184.215.14"]] for name in ("news.example", "other.example")}
    world.network.played_by["93.184.215.14", 443] = site.port
    yield site, greeted
    site.close()


def test_the_name_is_greeted_and_proven(world: World, secure: tuple[Site, list[str | None]]) -> None:
    site, greeted = secure
    assert http_client.fetch("https://news.example/").body == b"sealed"
    assert world.network.tried == [("93.184.215.14", 443)]
    assert greeted == ["news.example"]
    assert site.header("Host") == "news.example"


def test_a_certificate_for_another_name_is_not_believed(secure: tuple[Site, list[str | None]]) -> None:
    site, _ = secure
    with pytest.raises(HostUnavailable, match=r"(?i)certificate.*other\.example"):
        http_client.fetch("https://other.example/")
    assert site.requests == []


def test_a_certificate_that_nobody_signed_is_not_believed(world: World, secure: tuple[Site, list[str | None]]) -> None:
    site, _ = secure
    world.begin()
    with pytest.raises(HostUnavailable, match=r"(?i)certificate"):
        http_client.fetch("https://news.example/")
    assert site.requests == []


def test_plain_text_where_tls_was_promised(loopback: World, site: Site) -> None:
    with pytest.raises(HostUnavailable):
        http_client.fetch(f"https://127.0.0.1:{site.port}/")
