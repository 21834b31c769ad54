"""A channel kind of tests, kept in memory: it shows, corrects and takes back, and loses answers on request."""

from __future__ import annotations

from typing import Any

from stonehand.channels.interfaces import ArrivalUnknown, Delivery, Notes, Piece, Target
from stonehand.errors import Unavailable


class Board:
    """What readers see, by key. `script` says what goes wrong, by verb: `lost` happens without an answer, `down` does
    not happen, `unknown` says that nobody knows."""

    kind = "folder"

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}
        self.asked: list[str] = []
        self.script: dict[str, list[str]] = {}
        self.before: Any = None
        """Called before anything is shown."""

    def validate(self, target: Target) -> dict[str, Any]:
        return {}

    def _goes_wrong(self, verb: str, happened: bool) -> None:
        wrong = self.script.get(verb) or [""]
        if not happened and wrong[0] == "down":
            wrong.pop(0)
            raise Unavailable(f"the board does not answer to {verb}")
        if happened and wrong[0] == "lost":
            wrong.pop(0)
            raise Unavailable(f"the answer to {verb} was lost")
        if happened and wrong[0] == "unknown":
            wrong.pop(0)
            raise ArrivalUnknown(f"nobody knows what became of {verb}")

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        if self.before:
            self.before()
        self.asked.append("deliver")
        notes.remember(remote_id=key)
        self._goes_wrong("deliver", False)
        self.seen[key] = f"{piece.label}\n{piece.markdown}"
        return Delivery(f"https://board.example/{key}", key)

    def verify(self, key: str, target: Target) -> Delivery | None:
        return Delivery(f"https://board.example/{key}", key) if key in self.seen else None


class Changeable(Board):
    """A board whose pieces can be corrected and taken back."""

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        self.asked.append("update")
        self._goes_wrong("update", False)
        assert key in self.seen
        self.seen[key] = f"{piece.label}\n{piece.markdown}"
        self._goes_wrong("update", True)
        return delivery

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        self.asked.append("retract")
        self._goes_wrong("retract", False)
        self.seen.pop(key, None)
        self._goes_wrong("retract", True)
