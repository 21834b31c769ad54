"""No link may walk into our own network, however its address is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from stonehand import http_client
from stonehand.http_client import guard
from stonehand.http_client.errors import AddressForbidden, HostUnavailable

from .conftest import Site, World, answer

FORBIDDEN = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.254 127.0.0.1 127.0.0.2
127.255.255.254 168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1
192.0.0.9 192.0.0.170 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255
198.51.100.7 203.0.113.7 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::2 ::7f00:1 ::ffff:127.0.0.1
::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:192.168.1.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1
64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::808:808 100::1 100:0:0:1::1 2001::1 2001:0:4136:e378:8000:63bf:80ff:fffe
2001:0:7f00:1:0:0:f5ff:fffe 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1
2002:a9fe:a9fe::1 2002:c0a8:101::1 2606:4700::5efe:7f00:1 2606:4700::200:5efe:a00:1 3ffe::1 3fff::1 4000::1 5f00::1
fc00::1 fd00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 feff::1 ff02::1 ff05::2 ff0e::1
""".split()  # noqa: SIM905  a list of words would fill two pages
PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 169.253.255.255
169.255.0.1 172.15.255.255 172.32.0.1 192.0.1.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1
223.255.255.255 ::ffff:8.8.8.8 64:ff9b::808:808 2001:4860:4860::8888 2002:808:808::1 2606:4700:4700::1111
2a00:1450:4001::200e
""".split()  # noqa: SIM905  a list of words would fill two pages


@pytest.fixture(autouse=True)
def _forget_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "_trusted", [])
    monkeypatch.setattr(guard, "_allowed", set())


def test_the_corpus_is_large_and_has_no_repeats() -> None:
    assert len(set(FORBIDDEN)) == len(FORBIDDEN) >= 60


@pytest.mark.parametrize("address", FORBIDDEN)
def test_forbidden(address: str) -> None:
    assert not guard.permitted(address, 80)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert guard.permitted(address, 443)


@pytest.mark.parametrize("text", ["", "localhost", "2130706433", "0x7f.1", "127.1", "1.1.1.1.1", "example.org"])
def test_what_is_not_an_address_is_not_permitted(text: str) -> None:
    assert not guard.permitted(text, 80)


@pytest.mark.parametrize("address", [address for address in FORBIDDEN if "%" not in address])
def test_a_name_that_leads_to_a_forbidden_address_is_never_connected(world: World, address: str) -> None:
    world.names.answers["inside.example"] = [[address]]
    with pytest.raises(AddressForbidden, match=r"inside\.example"):
        http_client.fetch("http://inside.example/")
    assert world.network.tried == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest"]
)
def test_a_literal_address_is_judged_without_asking_for_names(world: World, url: str) -> None:
    mend = "never reached" if "169.254" in url else "STONEHAND_ALLOW_NETWORKS"
    with pytest.raises(AddressForbidden, match=mend):
        http_client.fetch(url)
    assert world.network.tried == []
    assert world.names.asked == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.1", "127.1"])
def test_numbers_that_the_system_reads_as_loopback_are_judged_after_resolving(world: World, host: str) -> None:
    world.names.answers[host] = [["127.0.0.1"]]
    with pytest.raises(AddressForbidden):
        http_client.fetch(f"http://{host}/")
    assert world.network.tried == []


def test_the_checked_address_is_connected_and_the_name_kept(world: World, site: Site) -> None:
    world.names.answers["news.example"] = [["93.184.215.14"]]
    world.network.played_by["93.184.215.14", 80] = site.port
    site.scripts["/feed"] = answer(body=b"hello")
    assert http_client.fetch("http://news.example/feed").body == b"hello"
    assert world.network.tried == [("93.184.215.14", 80)]
    assert site.header("Host") == "news.example"


def test_a_name_is_asked_for_once_so_it_cannot_change_its_mind(world: World, site: Site) -> None:
    world.names.answers["rebind.example"] = [["93.184.215.14"], ["127.0.0.1"]]
    world.network.played_by["93.184.215.14", 80] = site.port
    site.scripts["/"] = lambda connection, _: connection.sendall(answer(body=b"once", connection="close"))
    assert http_client.fetch("http://rebind.example/").body == b"once"
    assert world.names.asked == ["rebind.example"]
    with pytest.raises(AddressForbidden):
        http_client.fetch("http://rebind.example/")
    assert world.network.tried == [("93.184.215.14", 80)]


def test_of_mixed_addresses_only_the_permitted_are_tried(world: World, site: Site) -> None:
    world.names.answers["mixed.example"] = [["10.0.0.1", "2606:4700::1", "93.184.215.14"]]
    world.network.played_by["93.184.215.14", 80] = site.port
    site.scripts["/"] = answer(body=b"x")
    assert http_client.fetch("http://mixed.example/").status == 200
    assert world.network.tried == [("2606:4700::1", 80), ("93.184.215.14", 80)]


@pytest.mark.parametrize(
    "inside", ["http://127.0.0.1:1/", "http://secret.example/", "//10.0.0.1/", "http://[fd00::1]/"]
)
def test_a_redirect_into_the_network_is_refused(world: World, site: Site, inside: str) -> None:
    world.names.answers |= {"news.example": [["93.184.215.14"]], "secret.example": [["192.168.1.1"]]}
    world.network.played_by["93.184.215.14", 80] = site.port
    site.scripts["/"] = answer(302, location=inside)
    with pytest.raises(AddressForbidden):
        http_client.fetch("http://news.example/")
    assert world.network.tried == [("93.184.215.14", 80)]


def test_an_operator_opens_networks(setting: Callable[[Mapping[str, str]], None]) -> None:
    setting({"ALLOW_NETWORKS": "10.0.0.0/8, fd12::/16"})
    assert guard.permitted("10.1.2.3", 80)
    assert guard.permitted("::ffff:10.1.2.3", 80)
    assert guard.permitted("fd12::5", 80)
    assert not guard.permitted("127.0.0.1", 80)
    assert not guard.permitted("fd13::5", 80)
    assert not guard.permitted("2002:c0a8:101::1", 80)


def test_one_port_can_be_opened_and_no_other() -> None:
    http_client.allow_address("127.0.0.1", 4711)
    assert guard.permitted("127.0.0.1", 4711)
    assert guard.permitted("::ffff:127.0.0.1", 4711)
    assert not guard.permitted("127.0.0.1", 4712)
    assert not guard.permitted("127.0.0.2", 4711)


def test_a_check_can_be_trusted_but_not_with_metadata() -> None:
    http_client.trust(lambda ip, port: True)
    assert guard.permitted("127.0.0.1", 9)
    for never in ("169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "fd00:ec2::254"):
        assert not guard.permitted(never, 80)


def test_an_unknown_name_is_worth_another_try(world: World) -> None:
    with pytest.raises(HostUnavailable, match=r"nowhere\.example"):
        http_client.fetch("http://nowhere.example/")
