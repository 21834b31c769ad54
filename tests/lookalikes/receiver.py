"""A receiver of webhooks as the Standard Webhooks specification wants it: it checks signatures, and dedupes by id."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from tests.lookalikes.faulty import Asked, Faulty, Refused

KEY = bytes(range(32))
SECRET = "whsec_" + base64.b64encode(KEY).decode()
TOKEN = "a-very-secret-token"
TOLERANCE = 300  # seconds


class Receiver(Faulty):
    """It shows what it is told to, by its own ids."""

    def __init__(self) -> None:
        self.messages: dict[str, Any] = {}
        """By message id, what was answered to it."""
        self.pieces: dict[str, Any] = {}
        self.ever: list[str] = []
        """The keys of all that was ever shown."""
        self.bearer, self.tells = TOKEN, True
        self.conflicts = False
        """Whether it answers 409 to a message that it has."""
        super().__init__()

    def step(self, asked: Asked) -> str:
        return f"{asked.method} {asked.data.get('action', '')}"

    def obey(self, asked: Asked) -> Any:
        self._check(asked)
        with self.lock:
            message_id = asked.headers["webhook-id"]
            if message_id in self.messages:
                if self.conflicts:
                    raise Refused(409, {"error": "this message was received before"})
                return self.messages[message_id]
            self.messages[message_id] = said = self._do(asked.data)
            return said

    def _check(self, asked: Asked) -> None:
        if asked.headers.get("authorization") != f"Bearer {self.bearer}":
            raise Refused(401, {"error": "who are you?"})
        signed = b".".join(
            (asked.headers["webhook-id"].encode(), asked.headers["webhook-timestamp"].encode(), asked.body)
        )
        right = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
        if f"v1,{right}" not in asked.headers["webhook-signature"].split():
            raise Refused(400, {"error": "the signature is wrong"})
        if abs(time.time() - int(asked.headers["webhook-timestamp"])) > TOLERANCE:
            raise Refused(400, {"error": "too old"})

    def _do(self, message: Any) -> Any:
        action = message["action"]
        if action == "test":
            return {"ok": True}
        piece_id = message.get("id") or f"p-{len(self.ever) + 1}"
        if action == "publish":
            self.pieces[piece_id] = message
            self.ever.append(message["key"])
        elif action == "delete":
            self.pieces.pop(piece_id, None)
        elif piece_id in self.pieces:
            self.pieces[piece_id] = message | {"key": self.pieces[piece_id]["key"]}
        else:
            raise Refused(404, {"error": "nothing has this id"})
        return {"url": f"{self.url}/pieces/{piece_id}", "id": piece_id} if self.tells else {}

    def of_key(self, key: str) -> list[Any]:
        """What it shows under a key."""
        return [each for each in self.pieces.values() if each["key"] == key]
