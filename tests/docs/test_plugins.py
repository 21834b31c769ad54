"""The plugins of docs/plugins.md, as a reader would copy them."""

from __future__ import annotations

import json
import re
import sys
import types
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stonehand.channels.interfaces import ConfigUnfit, Piece, Target
from stonehand.errors import Unavailable
from stonehand.http_client import AccessDenied, Reply, Request, RequestRefused
from stonehand.platforms.interfaces import (
    ArrivalUnknown,
    CommentRefused,
    Filters,
    LoginRefused,
    SessionOver,
    Visit,
    Words,
)
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


class Board:
    """The board that the guide's platform knows. `trouble` is raised once, before or after a comment is taken."""

    def __init__(self) -> None:
        self.comments: list[dict[str, str]] = []
        self.trouble: tuple[str, Exception] | None = None

    def ask(self, request: Request) -> Reply:
        path = request.url.removeprefix("https://board.example")
        body = json.loads(request.body or b"{}")
        if path == "/session":
            if body != {"user": "bot", "password": "hunter-two-words"}:
                raise AccessDenied("401", 401)
            return self._told({"token": "t-1", "name": "Bot"}, request)
        if request.headers.get("Authorization") != "Bearer t-1":
            raise AccessDenied("401", 401)
        if path.endswith("/comments"):
            self._fail("before")
            self.comments.append({"id": str(len(self.comments)), "author": "Bot", "text": body["text"]})
            self._fail("after")
        article = {"id": "7", "title": "Brook", "author": "Mia", "text": "Cold.", "comments": self.comments}
        return self._told({"/me": {"name": "Bot"}, "/articles": [article]}.get(path, article), request)

    def _fail(self, when: str) -> None:
        trouble, self.trouble = self.trouble, None
        if trouble and trouble[0] == when:
            raise trouble[1]
        self.trouble = trouble

    def _told(self, value: Any, request: Request) -> Reply:
        return Reply(request.url, 200, {}, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("trouble", "raised"),
    [
        (None, None),
        (("after", Unavailable("lost")), None),
        (("before", Unavailable("lost")), ArrivalUnknown),
        (("before", RequestRefused("spam", 403)), CommentRefused),
        (("before", AccessDenied("401", 401)), SessionOver),
    ],
)
def test_the_platform_comments_once(trouble: tuple[str, Exception] | None, raised: type[Exception] | None) -> None:
    board, kept, kind_ = Board(), Kept(), kind("platform", "json-board", "stonehand_json_board")
    visit = Visit("https://board.example", kind_.validate({}), "bot", board.ask)
    assert kind_.who(visit) is None
    with pytest.raises(LoginRefused):
        kind_.sign_in(visit, "wrong")
    visit.name = kind_.sign_in(visit, "hunter-two-words")
    assert kind_.articles(visit, Filters(search="bROOK")).cards[0].author == "Mia"
    words, board.trouble = Words("7", "<p>By a program.</p><p>Cold &amp; clear.</p>"), trouble
    if raised:
        with pytest.raises(raised):
            kind_.comment(visit, words, kept)
    if raised is ArrivalUnknown:  # it comes late, and is not sent again
        board.comments.append({"id": "0", "author": "Bot", "text": "By a program. Cold & clear."})
    for _ in range(2):
        assert kind_.comment(visit, words, kept).id == "0"
    assert len(board.comments) == 1
