"""The plugins of docs/plugins.md, as a reader would copy them."""

from __future__ import annotations

import re
import sys
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stonehand.channels.interfaces import ConfigUnfit, Piece, Target
from stonehand.http_client import Reply, Request
from stonehand.registry import Registry
from stonehand.sources.errors import Unreadable
from stonehand.sources.interfaces import Asked
from tests.channels.conftest import Kept

GUIDE = Path(__file__).parents[2] / "docs" / "plugins.md"


def module(name: str) -> types.ModuleType:
    """The code block of the guide whose first line names this module."""
    code = next(
        block for block in re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.S) if f'"""{name}:' in block
    )
    made = types.ModuleType(name)
    exec(compile(code, f"{GUIDE}:{name}", "exec"), made.__dict__)
    return made


def kind(sort: str, name: str, module_name: str) -> Any:
    """The kind that the module registers, found as Stonehand finds it."""
    registry = Registry()
    registry.load(module(module_name), module_name)
    assert registry.broken == {}
    return registry.find(sort, name)


def answer(request: Request) -> Reply:
    body = b"https://example.org/a\n# a remark\nhttps://example.org/b\nhttps://example.org/a\n"
    return Reply(request.url, 200, {"content-type": "text/plain; charset=utf-8", "etag": '"1"'}, body)


def test_the_source_names_each_address_once() -> None:
    collected = kind("source", "lines", "stonehand_lines").collect(Asked("https://example.org/list.txt"), answer)
    assert [each.url for each in collected.reading.entries] == ["https://example.org/a", "https://example.org/b"]
    assert collected.etag == '"1"'


def test_the_source_tells_nothing_new_from_nonsense() -> None:
    lines, asked = kind("source", "lines", "stonehand_lines"), Asked("https://example.org/list.txt", etag='"1"')
    assert lines.collect(asked, lambda request: Reply(request.url, 304, {}, b"")).unchanged
    with pytest.raises(Unreadable, match="text/html"):
        lines.collect(asked, lambda request: Reply(request.url, 200, {"content-type": "text/html"}, b"<p>"))


def test_the_guides_contract_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "stonehand_lines", module("stonehand_lines"))
    contract = module("test_lines").TestLines()
    for name in dir(contract):
        if name.startswith("test_"):
            getattr(contract, name)()


def test_the_channel_delivers_a_key_once(tmp_path: Path) -> None:
    channel = kind("channel", "json-files", "stonehand_json_files")
    target = Target("Archive", tmp_path / "archive", {})
    piece = Piece("1", "Title", "title", "Short", "Text", "en", "Label", "offline", datetime(2026, 1, 2, tzinfo=UTC))
    assert channel.validate(target) == {}
    assert channel.verify("abcd1234", target) is None
    first = channel.deliver(piece, "abcd1234", target, Kept())
    assert channel.deliver(piece, "abcd1234", target, Kept()) == first == channel.verify("abcd1234", target)
    assert [path.name for path in target.home.iterdir()] == ["abcd1234.json"]


def test_the_channel_refuses_settings_it_does_not_know(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnfit):
        kind("channel", "json-files", "stonehand_json_files").validate(Target("Archive", tmp_path, {"path": "x"}))
