"""Plugins come in by one door, and a broken one does not block it."""

from __future__ import annotations

import types

import pytest

from stonehand import registry
from stonehand.hookspecs import Register, hookimpl
from stonehand.registry import KindNotFound, Registry


class Mailbox:
    kind = "mailbox"


def plugin(kind: type) -> types.ModuleType:
    module = types.ModuleType("strangers_plugin")

    @hookimpl
    def register_sources(register: Register) -> None:
        register(kind())

    module.register_sources = register_sources  # type: ignore[attr-defined]
    return module


def test_ours_come_through_the_entry_points() -> None:
    assert {"feed", "pages", "sitemap"} <= set(registry.names("source"))
    assert registry.find("source", "feed").kind == "feed"


def test_a_strangers_plugin_is_found() -> None:
    loaded = Registry()
    loaded.load(plugin(Mailbox), "mail")
    assert isinstance(loaded.find("source", "mailbox"), Mailbox)


def test_an_unknown_kind_says_what_exists() -> None:
    loaded = Registry()
    loaded.load(plugin(Mailbox), "mail")
    with pytest.raises(KindNotFound, match="there is no source of kind 'fax'; there are: mailbox"):
        loaded.find("source", "fax")
    with pytest.raises(KindNotFound, match="channel, platform, source"):
        loaded.find("sink", "fax")


def test_a_broken_plugin_is_named_and_the_others_work() -> None:
    class Broken:
        def __init__(self) -> None:
            raise RuntimeError("no such library")

    loaded = Registry()
    loaded.load(plugin(Broken), "broken")
    loaded.load(plugin(Mailbox), "mail")
    assert loaded.find("source", "mailbox")
    with pytest.raises(KindNotFound, match="the plugin broken could not be loaded: RuntimeError: no such library"):
        loaded.find("source", "fax")


def test_a_name_is_given_once() -> None:
    loaded = Registry()
    loaded.load(plugin(Mailbox), "first")
    loaded.load(plugin(Mailbox), "second")
    assert "exists already" in loaded.broken["second"]
