"""The bench of Mastodon: a lookalike that ignores idempotency keys, as some servers do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins import mastodon
from tests.channels.contract.bench import Bench
from tests.lookalikes import mastodon as lookalike


class MastodonBench(Bench):
    """An account whose statuses are seen at once."""

    kind = mastodon.Mastodon()
    found = frozenset({"account", "account_id", "characters", "address_length"})
    steps = ("GET accounts/ID/statuses", "POST statuses")
    update_steps = ("PUT statuses/ID",)
    retract_steps = ("DELETE statuses/ID",)
    hides = False

    def __init__(self, server: lookalike.Mastodon, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server, self.later, now = server, timedelta(), mastodon._now
        self.target = Target("Account", folder / "account", self.config(server), {"access_token": lookalike.TOKEN})
        monkeypatch.setattr(mastodon, "_now", lambda: now() + self.later)

    @staticmethod
    def config(server: lookalike.Mastodon) -> dict[str, object]:
        """The settings as they are kept."""
        found = {"account": "desk", "account_id": lookalike.ACCOUNT, "characters": 500, "address_length": 23}
        return {"url": server.url, "visibility": "public", **found}

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with lookalike.Mastodon.running() as server:
            yield cls(server, folder, monkeypatch)

    def copies(self, piece: Piece, key: str) -> int:
        return len(self.server.of_text(piece.title))

    def doubled(self) -> bool:
        return self.server.doubled()

    def text(self, piece: Piece, key: str) -> str:
        return self.server.of_text(piece.title)[0].text

    def machine(self, piece: Piece, key: str) -> str:
        return self.text(piece, key).rpartition("\n")[2] if "#" in self.text(piece, key) else ""

    def check_harmless(self, shown: str) -> None:
        """Text is text; it must call nobody."""
        assert "@" not in shown.replace("@\u200b", "")

    def vanish(self, key: str) -> None:
        self.server.statuses.clear()

    def befall(self, step: str, what: str) -> None:
        self.server.befall(step, what)

    def unhappened(self) -> list[str]:
        return self.server.unhappened()

    def catch_up(self) -> None:
        self.server.catch_up()

    def pass_time(self) -> None:
        self.later += mastodon.SURE
