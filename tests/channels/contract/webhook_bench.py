"""The bench of webhooks: a receiver that keeps a message once, by its id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins.webhook import Webhook
from tests.channels.contract.bench import Bench
from tests.lookalikes import receiver as lookalike


class WebhookBench(Bench):
    """A receiver shows at once what it is told, and cannot be asked what it has."""

    kind = Webhook()
    steps = ("POST publish",)
    update_steps = ("POST update",)
    retract_steps = ("POST delete",)
    hides = looks = False

    def __init__(self, receiver: lookalike.Receiver, folder: Path) -> None:
        self.receiver = receiver
        secrets = {"signing_secret": lookalike.SECRET, "token": lookalike.TOKEN}
        self.target = Target("Hook", folder / "hook", {"url": f"{receiver.url}/in", "auth": "bearer"}, secrets)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with lookalike.Receiver.running() as receiver:
            yield cls(receiver, folder)

    def copies(self, piece: Piece, key: str) -> int:
        return len(self.receiver.of_key(key))

    def doubled(self) -> bool:
        return len(set(self.receiver.ever)) < len(self.receiver.ever)

    def text(self, piece: Piece, key: str) -> str:
        shown = self.receiver.of_key(key)[0]["piece"]
        return f"{shown['label']}\n{shown['html']}"

    def machine(self, piece: Piece, key: str) -> str:
        return str(self.receiver.of_key(key)[0]["piece"]["schema_org"]["digitalSourceType"])

    def check_harmless(self, shown: str) -> None:
        super().check_harmless(shown.partition("\n")[2])  # the label is text, and the receiver shows it as such

    def vanish(self, key: str) -> None:
        self.receiver.pieces.clear()

    def befall(self, step: str, what: str) -> None:
        self.receiver.befall(step, what)

    def unhappened(self) -> list[str]:
        return self.receiver.unhappened()

    def catch_up(self) -> None:
        self.receiver.catch_up()
