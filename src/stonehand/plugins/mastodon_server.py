"""One account on a server with Mastodon's API: requests, and what their answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stonehand.channels.interfaces import ConfigUnfit, Target
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, json_service, mastodon_text
from stonehand.plugins.json_service import AnswerOdd, Service
from stonehand.plugins.mastodon_text import Room

PAGE = 40
PAGES = 10  # how far back an account is looked through at most
MASTODON = Service(
    "the server",
    "enter an access token that may read and write statuses, then switch the channel on",
    lambda said: str(said["error"]),
)


@dataclass(frozen=True)
class Status:
    """A status as its server shows it. `essence` is what it says."""

    id: str
    url: str
    essence: str
    at: datetime


@dataclass(frozen=True)
class Account:
    """Who we are there."""

    id: str
    name: str
    is_bot: bool


@dataclass(frozen=True)
class Server:
    """A server and the token of an account on it."""

    url: str
    token: str

    @classmethod
    def of(cls, target: Target) -> Server:
        """The server of a channel. Raises `LoginRefused` if its token is gone."""
        return cls(str(target.config["url"]), channel_settings.secret(target, "access_token"))

    def account(self) -> Account:
        """Who we are there. Raises `LoginRefused`."""
        said = self._ask("v1/accounts/verify_credentials")
        try:
            return Account(str(said["id"]), str(said["acct"]), bool(said.get("bot")))
        except (KeyError, TypeError) as error:
            raise AnswerOdd("the server answered, but not with an account; does it speak Mastodon's API?") from error

    def room(self) -> Room:
        """What the server takes: asked as Mastodon 4 wants it, then as earlier and other servers do."""
        try:
            return _room(self._ask("v2/instance"))
        except PageMissing:
            try:
                return _room(self._ask("v1/instance"))
            except PageMissing as error:
                raise ConfigUnfit(f"{self.url} has no API of Mastodon; is the address right?") from error

    def newest(self, account_id: str, since: datetime) -> Iterator[Status]:
        """Our own statuses since then, newest first, but no more than some hundreds."""
        query = {"limit": str(PAGE), "exclude_reblogs": "true"}
        for _ in range(PAGES):
            said = self._ask(f"v1/accounts/{account_id}/statuses", query=query)
            if not isinstance(said, list):
                raise AnswerOdd("the server answered, but not with a list of statuses")
            found = [_status(each) for each in said]
            yield from (each for each in found if each.at >= since)
            if not found or found[-1].at < since:
                return
            query["max_id"] = found[-1].id

    def status(self, status_id: str) -> Status | None:
        """A status by its id."""
        try:
            return _status(self._ask(f"v1/statuses/{status_id}"))
        except PageMissing:
            return None

    def post(self, wish: Mapping[str, Any], key: str) -> Status:
        """Show a status. A server that honours the key shows it once within an hour; some do not."""
        return _status(self._ask("v1/statuses", "POST", wish, {"Idempotency-Key": key}))

    def edit(self, status_id: str, wish: Mapping[str, Any]) -> Status:
        """Show other words in the same status. Raises `PageMissing`."""
        return _status(self._ask(f"v1/statuses/{status_id}", "PUT", wish))

    def delete(self, status_id: str) -> None:
        """Remove a status. It is no error if it is gone."""
        try:
            self._ask(f"v1/statuses/{status_id}", "DELETE")
        except PageMissing:
            return

    def _ask(
        self,
        path: str,
        method: str = "GET",
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return json_service.ask(MASTODON, f"{self.url}/api/{path}", method, data, sent, query)


def _status(said: Any) -> Status:
    try:
        at = datetime.fromisoformat(said["created_at"])
        url = str(said.get("url") or said["uri"])
        return Status(str(said["id"]), url, mastodon_text.shown(str(said["content"])), at)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerOdd("the server answered, but not with a status") from error


def _room(said: Any) -> Room:
    """The limits; where a server says nothing, Mastodon's own."""
    usual = Room()
    try:
        limits = (said.get("configuration") or {}).get("statuses") or {}
        characters = limits.get("max_characters") or said.get("max_toot_chars") or usual.characters
        return Room(int(characters), int(limits.get("characters_reserved_per_url") or usual.address))
    except (AttributeError, TypeError, ValueError) as error:
        raise AnswerOdd("the server answered, but not with its limits; does it speak Mastodon's API?") from error
