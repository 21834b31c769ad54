"""A server that behaves like Mastodon's API: statuses of one account, shown as HTML, with or without idempotency."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.lookalikes.faulty import Asked, Faulty, Refused

TOKEN = "tAbC-0123456789-a-secret-token"
ACCOUNT = "109302436954721982"


@dataclass
class Status:
    """A row of its table."""

    id: str
    text: str
    wish: dict[str, Any]
    edits: int = 0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Mastodon(Faulty):
    """One account. `honours` says whether the server heeds the key that makes repeats harmless; some do not."""

    def __init__(self) -> None:
        self.statuses: dict[str, Status] = {}
        self.ever: list[str] = []
        """The text of every status that was ever shown."""
        self.token, self.is_bot, self.honours, self.characters = TOKEN, True, False, 500
        self.has_v2 = True
        self.keys: dict[str, str] = {}
        self._next = 110_000_000_000_000_000
        super().__init__()

    def step(self, asked: Asked) -> str:
        path = asked.path.removeprefix("/api/v1/").replace(ACCOUNT, "ID")
        return f"{asked.method} {re.sub(r'[0-9]{18}$', 'ID', path)}"

    def of_text(self, text: str) -> list[Status]:
        """The statuses with these words that are there now."""
        return [each for each in self.statuses.values() if text in each.text]

    def doubled(self) -> bool:
        return len(set(self.ever)) < len(self.ever)

    def obey(self, asked: Asked) -> Any:
        path = asked.path.removeprefix("/api/")
        if path in ("v1/instance", "v2/instance"):
            return self._instance(path)
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            raise Refused(401, {"error": "The access token is invalid"})
        if path == "v1/accounts/verify_credentials":
            return {"id": ACCOUNT, "acct": "desk", "bot": self.is_bot}
        with self.lock:
            if path == f"v1/accounts/{ACCOUNT}/statuses":
                return self._listing(asked)
            if path == "v1/statuses":
                return self._post(asked)
            return self._one(asked, path.rpartition("/")[2])

    def _instance(self, path: str) -> Any:
        if path.startswith("v2") and not self.has_v2:
            raise Refused(404, {"error": "Not Found"})
        if path.startswith("v1"):
            return {"title": "A server", "max_toot_chars": self.characters}
        limits = {"max_characters": self.characters, "characters_reserved_per_url": 23}
        return {"title": "A server", "configuration": {"statuses": limits}}

    def _listing(self, asked: Asked) -> Any:
        found = sorted(self.statuses.values(), key=lambda each: each.id, reverse=True)
        before = asked.query.get("max_id", "9" * 20)
        return [self.show(each) for each in found if each.id < before][: int(asked.query["limit"])]

    def _post(self, asked: Asked) -> Any:
        key = asked.headers.get("idempotency-key", "")
        if self.honours and key in self.keys:
            if self.keys[key] not in self.statuses:
                raise Refused(404, {"error": "Record not found"})
            return self.show(self.statuses[self.keys[key]])
        self._check(asked.data)
        status = Status(str(self._next), asked.data["status"], asked.data)
        self._next += 1
        self.statuses[status.id], self.keys[key] = status, status.id
        self.ever.append(status.text)
        return self.show(status)

    def _check(self, wish: dict[str, Any]) -> None:
        if len(re.sub(r"https?://\S+", "x" * 23, wish["status"])) > self.characters:
            raise Refused(422, {"error": "Validation failed: Text character limit of 500 exceeded"})

    def _one(self, asked: Asked, status_id: str) -> Any:
        status = self.statuses.get(status_id)
        if status is None:
            raise Refused(404, {"error": "Record not found"})
        if asked.method == "DELETE":
            del self.statuses[status_id]
        elif asked.method == "PUT":
            self._check(asked.data)
            assert "visibility" not in asked.data, "an edit cannot change who sees it"
            status.text, status.wish, status.edits = asked.data["status"], status.wish | asked.data, status.edits + 1
        return self.show(status)

    def show(self, status: Status) -> Any:
        """A status, formatted as Mastodon does."""
        return {
            "id": status.id,
            "created_at": status.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "url": f"{self.url}/@desk/{status.id}",
            "content": formatted(status.text),
            "visibility": status.wish.get("visibility", "public"),
        }


def formatted(text: str) -> str:
    """Text as HTML: links shortened by what is not seen, hashtags linked, lines kept."""
    made = html.escape(text, quote=False)
    made = re.sub(r"https?://[^\s<]+", _link, made)
    tag = r'<a href="/tags/\1" class="mention hashtag" rel="tag">#<span>\1</span></a>'
    made = re.sub(r"(?<![\w/&])#(\w+)", tag, made)
    return "".join(f"<p>{part.replace(chr(10), '<br />')}</p>" for part in made.split("\n\n"))


def _link(found: re.Match[str]) -> str:
    scheme, _, rest = found[0].partition("://")
    seen, hidden = rest[:30], rest[30:]
    return (
        f'<a href="{found[0]}" rel="nofollow noopener" target="_blank"><span class="invisible">{scheme}://</span>'
        f'<span class="ellipsis">{seen}</span><span class="invisible">{hidden}</span></a>'
    )
