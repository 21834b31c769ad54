"""The bench of listmonk: what readers see is what is being mailed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins import listmonk_campaigns
from stonehand.plugins.listmonk import Listmonk
from stonehand.plugins.listmonk_server import Server
from tests.channels.contract.bench import Bench
from tests.lookalikes import listmonk as lookalike


class ListmonkBench(Bench):
    """A server whose campaigns are drafts before they are started."""

    kind = Listmonk()
    steps = ("GET campaigns", "POST campaigns", "PUT campaigns/ID/status", "GET campaigns/ID")
    retract_steps = ("GET campaigns/ID", "PUT campaigns/ID/status")

    def __init__(self, server: lookalike.Listmonk, folder: Path) -> None:
        self.server = server
        config = {"url": server.url, "username": lookalike.USER, "lists": "3, 7", "archive": "no"}
        self.target = Target("Letter", folder / "letter", config, {"token": lookalike.TOKEN})

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with lookalike.Listmonk.running() as server:
            yield cls(server, folder)

    def copies(self, piece: Piece, key: str) -> int:
        return len(self.server.out(key))

    def doubled(self) -> bool:
        return len(set(self.server.started)) < len(self.server.started)

    def text(self, piece: Piece, key: str) -> str:
        return str(self.server.out(key)[0].wish["body"])

    def machine(self, piece: Piece, key: str) -> str:
        (header,) = self.server.out(key)[0].wish["headers"]
        return str(header[listmonk_campaigns.HEADER])

    def hidden(self) -> int:
        return len([each for each in self.server.campaigns.values() if each.status == "draft"])

    def check_harmless(self, shown: str) -> None:
        super().check_harmless(shown)
        assert "{{" not in shown, "listmonk would run it"

    def leave(self, piece: Piece, key: str) -> None:
        Server.of(self.target).create(listmonk_campaigns.draft(piece, key, self.target.config, [3]))

    def vanish(self, key: str) -> None:
        self.server.campaigns.clear()

    def befall(self, step: str, what: str) -> None:
        self.server.befall(step, what)

    def unhappened(self) -> list[str]:
        return self.server.unhappened()

    def catch_up(self) -> None:
        self.server.catch_up()
