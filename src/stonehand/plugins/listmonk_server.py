"""One listmonk server: requests, and what their answers mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stonehand.channels.interfaces import Target
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, json_service, listmonk_campaigns
from stonehand.plugins.json_service import AnswerOdd, Service, ServiceRefused
from stonehand.plugins.listmonk_campaigns import OURS, Campaign

PAGE = 50
LISTMONK = Service(
    "listmonk",
    "enter an API user and its token that may manage campaigns, then switch the channel on",
    lambda said: str(said["message"]),
)


@dataclass(frozen=True)
class Server:
    """A server and the login of an API user."""

    url: str
    username: str
    token: str

    @classmethod
    def of(cls, target: Target) -> Server:
        """The server of a channel. Raises `LoginRefused` if its token is gone."""
        token = channel_settings.secret(target, "token")
        return cls(str(target.config["url"]), str(target.config["username"]), token)

    def mailing_list(self, list_id: int) -> tuple[str, int] | None:
        """Name and number of subscribers of a list."""
        try:
            said = self._ask(f"lists/{list_id}")
        except PageMissing:
            return None
        except ServiceRefused as error:
            if error.code == 400:  # how it says that there is none
                return None
            raise
        if not isinstance(said, dict):
            raise AnswerOdd("listmonk answered, but not with a list")
        return str(said.get("name", list_id)), int(said.get("subscriber_count") or 0)

    def campaign(self, campaign_id: int) -> Campaign | None:
        """A campaign by its number."""
        try:
            return listmonk_campaigns.campaign(self._ask(f"campaigns/{campaign_id}"))
        except PageMissing:
            return None
        except ServiceRefused as error:
            if error.code == 400:
                return None
            raise

    def of_key(self, key: str) -> list[Campaign]:
        """The campaigns that carry a key."""
        return [each for each in self._page({"tag": f"{OURS}-{key}"}, 1) if key in each.keys]

    def drafts(self) -> Iterator[Campaign]:
        """Every campaign that we made and that was sent to nobody."""
        page, more = 1, True
        while more:
            found = self._page({"tag": OURS, "status": "draft"}, page)
            yield from (each for each in found if each.status == "draft")
            page, more = page + 1, len(found) == PAGE

    def create(self, wish: Mapping[str, Any]) -> Campaign:
        """Make a draft."""
        return listmonk_campaigns.campaign(self._ask("campaigns", "POST", wish))

    def set_status(self, campaign_id: int, status: str) -> bool:
        """Start or stop a campaign; whether listmonk did so. It refuses what does not follow from the status it has."""
        try:
            self._ask(f"campaigns/{campaign_id}/status", "PUT", {"status": status})
        except ServiceRefused as error:
            if error.code == 400:
                return False
            raise
        return True

    def delete(self, campaign_id: int) -> None:
        """Remove a campaign for good."""
        try:
            self._ask(f"campaigns/{campaign_id}", "DELETE")
        except PageMissing:
            return

    def _page(self, wish: Mapping[str, str], page: int) -> list[Campaign]:
        """Newest first, and without texts. A server too old to know tags gives its newest, which are looked through."""
        query = {**wish, "page": str(page), "per_page": str(PAGE), "order_by": "created_at", "order": "DESC"}
        said = self._ask("campaigns", query=query | {"no_body": "true"})
        if not isinstance(said, dict) or not isinstance(said.get("results"), list):
            raise AnswerOdd("listmonk answered, but not with campaigns; is something in its way?")
        return [listmonk_campaigns.campaign(each) for each in said["results"]]

    def _ask(
        self,
        path: str,
        method: str = "GET",
        data: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"Authorization": f"token {self.username}:{self.token}"}
        said = json_service.ask(LISTMONK, f"{self.url}/api/{path}", method, data, headers, query)
        if not isinstance(said, dict) or "data" not in said:
            raise AnswerOdd("listmonk answered without data; is something in its way?")
        return said["data"]
