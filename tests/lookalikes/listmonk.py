"""A server that behaves like listmonk's API: campaigns, their status, and texts that are run as templates."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.lookalikes.faulty import Asked, Faulty, Refused

USER, TOKEN = "stonehand", "Wn8b3-0123456789-token"
FOLLOWS = {  # which status may follow which
    "running": ("draft", "paused"),
    "paused": ("running",),
    "cancelled": ("running", "paused"),
    "draft": ("scheduled",),
}


@dataclass
class Campaign:
    """A row of its table."""

    id: int
    wish: dict[str, Any]
    status: str = "draft"
    starts: int = 0
    sent: int = 0
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Listmonk(Faulty):
    """One server with the lists 3 and 7."""

    def __init__(self) -> None:
        self.campaigns: dict[int, Campaign] = {}
        self.started: list[str] = []
        """The name of every campaign that was ever started, once for each time."""
        self.lists = {3: "Daily", 7: "Weekly"}
        self.token, self.knows_tags = TOKEN, True
        super().__init__()

    def step(self, asked: Asked) -> str:
        return f"{asked.method} {re.sub(r'/[0-9]+', '/ID', asked.path.removeprefix('/api/'))}"

    def refusal(self, status: int) -> Any:
        return {"message": f"refused with {status}"}

    def of_key(self, key: str) -> list[Campaign]:
        """The campaigns of a key."""
        return [each for each in self.campaigns.values() if f"stonehand-{key}" in each.wish["tags"]]

    def out(self, key: str) -> list[Campaign]:
        """Those that readers get."""
        return [each for each in self.of_key(key) if each.status in ("running", "paused", "finished")]

    def obey(self, asked: Asked) -> Any:
        if asked.headers.get("authorization") != f"token {USER}:{self.token}":
            raise Refused(403, {"message": "invalid API credentials"})
        parts = asked.path.removeprefix("/api/").split("/")
        with self.lock:
            if parts[0] == "lists":
                return {"data": self._list(int(parts[1]))}
            if len(parts) == 1:
                return {"data": self._create(asked.data) if asked.method == "POST" else self._listing(asked)}
            return {"data": self._one(asked, int(parts[1]), parts[2:])}

    def _list(self, number: int) -> Any:
        if number not in self.lists:
            raise Refused(400, {"message": "list not found"})
        return {"id": number, "name": self.lists[number], "subscriber_count": 40}

    def _listing(self, asked: Asked) -> Any:
        found = sorted(self.campaigns.values(), key=lambda each: -each.id)
        if self.knows_tags:
            found = [each for each in found if set(asked.every.get("tag", ())) <= set(each.wish["tags"])]
        found = [each for each in found if asked.query.get("status", each.status) == each.status]
        size, page = int(asked.query["per_page"]), int(asked.query["page"])
        return {"results": [self.show(each) for each in found[(page - 1) * size : page * size]], "total": len(found)}

    def _create(self, wish: dict[str, Any]) -> Any:
        if not set(wish["lists"]) <= self.lists.keys():
            raise Refused(400, {"message": "no subscribers in the lists"})
        for text in (wish["body"], wish["subject"], wish["altbody"]):
            if "{{" in text:
                raise Refused(400, {"message": "error compiling template: it would have been run"})
        made = Campaign(len(self.campaigns) + 1, wish)
        self.campaigns[made.id] = made
        return self.show(made)

    def _one(self, asked: Asked, number: int, rest: list[str]) -> Any:
        found = self.campaigns.get(number)
        if found is None:
            raise Refused(400, {"message": "campaign not found"})
        if asked.method == "DELETE":
            del self.campaigns[number]
            return True
        if rest == ["status"]:
            self._follow(found, asked.data["status"])
        return self.show(found)

    def _follow(self, found: Campaign, status: str) -> None:
        if found.status not in FOLLOWS[status]:
            raise Refused(400, {"message": f"a campaign that is {found.status} cannot become {status}"})
        if status == "running" and found.status == "draft":
            self.started.append(found.wish["name"])
        found.status = status

    def show(self, found: Campaign) -> Any:
        """A campaign with its counts; times as Go writes them."""
        at = f"{found.at:%Y-%m-%dT%H:%M:%S}.123456789Z"
        counts = {"sent": found.sent, "to_send": 40 if found.status != "draft" else 0}
        shown = {"id": found.id, "uuid": found.uuid, "status": found.status, "created_at": at, "updated_at": at}
        return {**shown, **counts, "tags": found.wish["tags"], "name": found.wish["name"]}
