"""No way out leads inside: every address of the corpus by every path that asks for something outside.

Nothing here leaves the machine: names are looked up in a list, and what would be connected is written down.
"""

from __future__ import annotations

import ast
import random
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stonehand import config, db, http_client, registry
from stonehand.alerts import ways as alert_ways
from stonehand.alerts.messages import Message
from stonehand.db import Database, utc_now
from stonehand.errors import StonehandError
from stonehand.http_client import Request, guard, mail
from stonehand.http_client.mail import Relay
from stonehand.llm.dialects import sending
from stonehand.llm.dialects.shapes import Question, Server
from stonehand.llm.prices import Message as Spoken
from stonehand.platforms import errands
from stonehand.platforms.interfaces import Visit
from stonehand.plugins import (
    ghost_site,
    git_commands,
    json_service,
    listmonk_server,
    mastodon_server,
    webhook,
    wordpress_extras,
    wordpress_site,
)
from stonehand.plugins.form_site import FormSite
from stonehand.sources import asking, contract, intake, kinds, looking, repairs, turns
from stonehand.sources.models import Source
from stonehand.sources.robots import asking as robots
from stonehand.sources.robots.rules import place_of
from stonehand.vectors.qdrant import QdrantIndex
from stonehand.vectors.signs import WIDTH

from . import corpus
from .conftest import Site, World, answer

SOURCES = Path(http_client.__file__).parent.parent
Way = Callable[[str], object]

# Every function of ours that asks for something outside, and which of the paths below go through it.
CALLERS: Mapping[str, tuple[str, ...]] = {
    "sources/asking.py http_client.fetch": ("a polite question",),
    "sources/intake.py asking.ask": ("an address that somebody adds", "a kind that somebody chooses"),
    "sources/looking.py asking.ask": ("a look at a source",),
    "sources/looking.py robots.require": ("a look at a watched page",),
    "sources/repairs.py asking.ask": ("seeking a repair",),
    "sources/robots/asking.py asking.ask": ("robots.txt of one page",),
    "sources/contract.py http_client.fetch": ("the contract of kinds",),
    "sources/turns.py http_client.fetch_all": ("a page", "looks at many sources"),
    "sources/looking.py turns.ask": ("looks at many sources",),
    "articles/fetching.py turns.ask": ("a page",),
    "articles/leave.py turns.ask": ("robots.txt of pages",),
    "plugins/json_service.py http_client.fetch": (
        "a Ghost site",
        "a listmonk server",
        "a Mastodon server",
        "a WordPress site",
        "a webhook",
    ),
    "plugins/wordpress_extras.py http_client.fetch": ("a picture",),
    "plugins/git_commands.py hosts.checked": ("a Git repository",),
    "platforms/errands.py http_client.fetch": ("a platform",),
    "plugins/imap.py mailbox.opened": ("a mailbox",),
    "llm/dialects/sending.py http_client.fetch": ("a language model", "a language model of an editor"),
    "alerts/ways.py http_client.fetch": ("an alert by webhook", "an alert by ntfy"),
    "alerts/ways.py mail.send": ("an alert by email",),
    "mailings/tasks.py mail.send": ("a letter to a reader",),
    "vectors/qdrant.py http_client.fetch": ("a Qdrant server",),
}
ASKING = {
    ("http_client", "fetch"),
    ("http_client", "fetch_all"),
    ("asking", "ask"),
    ("turns", "ask"),
    ("robots", "require"),
    ("mail", "send"),
    ("mailbox", "opened"),
    ("hosts", "checked"),
}
SOCKETS = {"create_connection", "open_connection", "create_datagram_endpoint", "urlopen", "HTTPConnection"}
OURS = {
    "llm/asking.py asking.ask",
    "comments/writing.py asking.ask",
    "drafts/headlines.py asking.ask",
    "drafts/writing.py asking.ask",
    "rubrics/judging.py asking.ask",
}  # the model's, which goes through `complete`


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """Every node of every file that could ask, with the place of its file."""
    found, words = (
        list[tuple[Path, ast.AST]](),
        re.compile("|".join((*SOCKETS, "http_client", "asking", "turns", "hosts"))),
    )
    for path in sorted(SOURCES.rglob("*.py")):
        room, text = path.relative_to(SOURCES), path.read_text()
        if room.parts[0] != "http_client" and words.search(text):
            found += [(room, node) for node in ast.walk(ast.parse(text))]
    return found


def calls() -> Iterator[tuple[str, str, str]]:
    for room, node in nodes():
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield str(room), node.value.id, node.attr


def test_every_caller_is_in_the_list() -> None:
    found = {f"{room} {module}.{name}" for room, module, name in calls() if (module, name) in ASKING}
    assert found - OURS == set(CALLERS), "add the new caller to CALLERS, and a path that goes through it to `paths`"
    imported = {
        f"{room} imports {each.name}"
        for room, node in nodes()
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stonehand.http_client")
        for each in node.names
        if each.name in {"fetch", "fetch_all", "opened", "send"}
    }
    assert not imported, "call it by its module, so that this test sees it"


def test_nobody_opens_connections_by_himself() -> None:
    assert {(room, name) for room, _, name in calls() if name in SOCKETS} == set()


def test_the_corpus_is_large_and_has_no_repeats() -> None:
    assert len(set(corpus.HOSTS)) == len(corpus.HOSTS) >= 60


OPTIONS: Mapping[str, dict[str, Any]] = {
    "imap": {"user": "mira"},
    "json": {"items": "items", "link": "url"},
    "query": {"query": "tide"},
    "watch": {"item": "article"},
}


def source(kind: str, url: str) -> Source:
    made = Source(id="s", kind=kind, url=url, address=url, options=OPTIONS.get(kind, {}), rules=[])
    made.title, made.is_sample, made.failure_streak, made.interval_seconds = "S", False, 3, 60
    return made


def by_kind(kind: str) -> Way:
    if kind == "hackernews":  # its options hold addresses, too
        return lambda url: (
            intake.of_kind(kind, "", {"search_at": url}),
            intake.of_kind(kind, "", {"lists_at": url, "stories": "top"}),
        )
    return lambda url: intake.of_kind(kind, url, OPTIONS.get(kind, {}), "word")


def polled() -> list[str]:
    from stonehand import pipeline

    pipeline.install()
    return [kind for kind in registry.names("source") if kinds.find(kind).polled and kind != "imap"]


def wordpress(url: str) -> object:
    return wordpress_site.Site.find({"url": url.rstrip("/"), "username": "mira"}, "word")


def page(url: str) -> object:
    (reply,) = turns.ask({"e": Request(url)}, {"e": 0.0}, True).values()
    if isinstance(reply, StonehandError):
        raise reply
    return reply


def model(url: str, is_named_by_operator: bool) -> None:
    for provider in ("compatible", "anthropic", "google"):
        server = Server(url.removesuffix("/a"), "key", "m", 5.0, provider, is_named_by_operator)
        with suppress(StonehandError):
            sending.complete(server, Question([Spoken("user", "hello")], 5))


def platform(url: str) -> str | None:
    """The first look at a site of forms, as a job takes it."""
    ask = errands.asker(db.database(), 0.0)
    return FormSite().who(Visit(url, {"preset": "mymoment"}, "a", ask))


def strangers_paths() -> dict[str, Way]:
    """Paths whose address comes from strangers, or from whoever uses the desk: none may lead inside."""
    one = Request
    return {
        "a polite question": lambda url: asking.ask(one(url)),
        "an address that somebody adds": intake.identify,
        "a look at a source": lambda url: looking.look(source("feed", url)),
        "looks at many sources": lambda url: looking.look_all([source("feed", url)], True),
        "a look at a watched page": lambda url: looking.look(source("watch", url)),
        "seeking a repair": lambda url: repairs.seek(source("watch", url)),
        "robots.txt of one page": lambda url: robots.require(url, 2.0),
        "robots.txt of pages": lambda url: page(place_of(url)),
        "the contract of kinds": lambda url: contract._fetch(one(url)),
        "a page": page,
        "a WordPress site": wordpress,
        "a language model of an editor": lambda url: model(url, False),
        "a Ghost site": lambda url: ghost_site.Site(url.rstrip("/"), ghost_site.Key("a", b"a")).version(),
        "a listmonk server": lambda url: listmonk_server.Server(url.rstrip("/"), "a", "b").mailing_list(1),
        "a Mastodon server": lambda url: mastodon_server.Server(url.rstrip("/"), "a").account(),
        "a webhook": lambda url: json_service.send(webhook.RECEIVER, url, "POST", b"{}", {}),
        "a picture": wordpress_extras._fetched,
        "a platform": platform,
        **{f"a kind that somebody chooses: {kind}": by_kind(kind) for kind in polled()},
    }


@dataclass
class Watched:
    """What was looked up and connected, by whatever layer."""

    world: World
    connected: list[str]

    def addresses(self) -> set[str]:
        return {host for host, _ in self.world.network.tried} | set(self.connected)


@pytest.fixture
def watched(world: World, site: Site, database: Database, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A world in which every name of the corpus can be found, one site is public, and nothing can be connected."""
    monkeypatch.setattr(guard, "_trusted", [])
    monkeypatch.setattr(guard, "_allowed", set())
    monkeypatch.setenv("STONEHAND_HOST_INTERVAL_SECONDS", "0")
    config.settings.cache_clear()
    made = Watched(world, [])

    async def names(host: str, port: int) -> list[str]:
        return corpus.resolve(host)

    def look_up(host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        text = host.strip("[]")
        found = [text] if ":" in text else corpus.resolve(text)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        made.connected.append(address[0])
        raise ConnectionRefusedError("nobody plays this address")

    monkeypatch.setattr(world, "names", names)
    world.begin()
    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    world.network.played_by[corpus.PUBLIC, 80] = site.port
    return made


def ask(way: Way, url: str) -> None:
    """It is refused, or it finds nothing there; what is not our error is a fault."""
    with suppress(StonehandError):
        way(url)


@pytest.mark.parametrize("name", list(strangers_paths()))
def test_no_address_of_the_corpus_is_reached(watched: Watched, name: str) -> None:
    way = strangers_paths()[name]
    for host in corpus.HOSTS:
        ask(way, f"http://{host}/a")
    for host in corpus.HOSTS[::5]:
        ask(way, f"https://{host}/a")
    # Tricks may name the public host in truth; it is the only one that may have been reached.
    assert watched.addresses() <= {corpus.PUBLIC}


@pytest.mark.parametrize("name", list(strangers_paths()))
def test_no_redirect_leads_to_one(watched: Watched, site: Site, name: str) -> None:
    way, asked = strangers_paths()[name], 0
    for host in corpus.HOSTS:
        site.scripts = Everywhere(answer(302, location=f"http://{host}/a"))  # type: ignore[assignment]
        ask(way, f"http://h{asked}.{corpus.PUBLIC_NAME}/feed")
        asked += 1
    assert len(site.requests) >= asked  # the redirects were really read
    assert watched.addresses() == {corpus.PUBLIC}


class Everywhere(dict[str, bytes]):
    """The same answer for whatever is asked for."""

    def __init__(self, said: bytes) -> None:
        self.said = said

    def get(self, key: str, default: object = None) -> bytes:
        return self.said


def test_links_in_what_was_fetched_lead_to_none(watched: Watched, site: Site) -> None:
    for host in corpus.HOSTS[::3]:
        inside = f"http://{host}/x".replace("&", "&amp;")
        index = f"<sitemapindex><sitemap><loc>{inside}</loc></sitemap></sitemapindex>"
        offers = f"<html><head><link rel='alternate' type='application/rss+xml' href='{inside}'></head></html>"
        site.scripts = Everywhere(answer(200, index.encode()))  # type: ignore[assignment]
        ask(by_kind("sitemap"), f"http://{corpus.PUBLIC_NAME}/")
        site.scripts = Everywhere(answer(200, offers.encode()))  # type: ignore[assignment]
        ask(intake.identify, f"http://{corpus.PUBLIC_NAME}/")
    for host in corpus.HOSTS[::8]:
        site.scripts = Everywhere(answer(200, f"User-agent: *\nSitemap: http://{host}/x".encode()))  # type: ignore[assignment]
        ask(intake.identify, f"http://{corpus.PUBLIC_NAME}/")
    assert watched.addresses() == {corpus.PUBLIC}


def test_no_mailbox_is_inside(watched: Watched) -> None:
    for host in corpus.HOSTS:
        for url in (f"imap://{host}", f"imaps://{host}:993"):
            ask(by_kind("imap"), url)
            ask(lambda url: looking.look(source("imap", url)), url)
    assert watched.addresses() <= {corpus.PUBLIC}


def test_no_repository_is_inside(watched: Watched, tmp_path: Path) -> None:
    """Git connects by itself, so it is told the address that was checked, and none other."""
    for host in corpus.HOSTS:
        for url in (f"https://{host}/site.git", f"ssh://git@{host}/site.git"):
            with suppress(StonehandError), git_commands.environment(tmp_path, git_commands.Remote(url)) as told:
                assert corpus.PUBLIC in told.get("GIT_SSH_COMMAND", "") + str(told), url
    assert watched.addresses() == set()


def operators_paths(monkeypatch: pytest.MonkeyPatch) -> dict[str, Way]:
    """Paths whose address the operator has set: they may lead inside, but never to metadata, and no redirect may."""
    told = Message("began", "a", "dead_letters", "", "ten jobs are dead letters", utc_now(), None, "")

    def alert(way: str, **settings: str) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(f"STONEHAND_{name}", value)
        config.settings.cache_clear()
        alert_ways.send(told, way)

    return {
        "a language model": lambda url: model(url, True),
        "a Qdrant server": lambda url: QdrantIndex(url, "c").nearest(np.ones(WIDTH, dtype=np.float32), 3),
        "a letter to a reader": lambda url: mail.send(EmailMessage(), Relay(url.split("/")[2], 25, "none")),
        "an alert by webhook": lambda url: alert("webhook", ALERT_WEBHOOK_URL=url),
        "an alert by ntfy": lambda url: alert("ntfy", ALERT_NTFY_URL=url),
        "an alert by email": lambda url: alert(
            "email", ALERT_EMAIL_TO="a@b.example", SMTP_HOST=url.split("/")[2], SMTP_SECURITY="none"
        ),
    }


LETTERS = ("an alert by email", "a letter to a reader")
METADATA = [
    host
    for host in corpus.HOSTS
    if any(mark in host for mark in ("169.254.", "2852039166", "a9fe", "metadata", "ec2", "43518", "0251"))
]


@pytest.mark.parametrize(
    "name",
    ["a language model", "a Qdrant server", "an alert by webhook", "an alert by ntfy", *LETTERS],
)
def test_what_an_operator_names_may_be_inside_but_is_no_metadata(
    watched: Watched, site: Site, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = operators_paths(monkeypatch)[name]
    assert len(METADATA) >= 12
    for host in METADATA:
        with suppress(StonehandError):
            way(f"http://{host}/")
    assert watched.addresses() == set()
    if name in LETTERS:
        return
    for host in corpus.HOSTS:
        site.scripts = Everywhere(answer(307, location=f"http://{host}/a"))  # type: ignore[assignment]
        with suppress(StonehandError):
            way(f"http://{corpus.PUBLIC_NAME}/")
    assert watched.addresses() == {corpus.PUBLIC}


def test_every_path_of_the_list_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = {name.partition(":")[0] for name in (*strangers_paths(), *operators_paths(monkeypatch))} | {
        "a mailbox",
        "a Git repository",
    }
    assert {name for names in CALLERS.values() for name in names} <= tried


def test_a_thousand_rebinds(watched: Watched, world: World, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(4)
    inside = [each.strip("[]") for each in corpus.LITERALS]
    looked_up = 0

    async def fickle(host: str, port: int) -> list[str]:
        nonlocal looked_up
        looked_up += 1
        choices = ([corpus.PUBLIC], [draw.choice(inside)], [draw.choice(inside), corpus.PUBLIC])
        return choices[looked_up % 3]

    monkeypatch.setattr(world, "names", fickle)
    world.begin()
    site.scripts["/"] = lambda connection, _: connection.sendall(answer(body=b"x", connection="close"))
    outcomes = [
        outcome
        for _ in range(25)
        for outcome in http_client.fetch_all([Request("http://rebind.example/", breaker=False)] * 40, 20)
    ]
    refused = sum(isinstance(each, http_client.AddressForbidden) for each in outcomes)
    assert looked_up == len(outcomes) == 1000
    assert 300 < refused < 360
    assert watched.addresses() == {corpus.PUBLIC}
