"""One Ghost site, asked over its Admin API: requests, their tokens, and what their answers mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stonehand.channels.interfaces import ConfigUnfit, Target
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, ghost_posts, json_service
from stonehand.plugins.ghost_posts import Post
from stonehand.plugins.json_service import AnswerOdd, Service, ServiceRefused

API = "/ghost/api/admin/"
VERSION = "v5.0"  # the oldest that we speak
LIFE = 300  # seconds; Ghost takes no token that lives longer
PAGE = 50
_WHOLE = {"include": "tags,email"}


def _reason(said: Any) -> str:
    error = said["errors"][0]
    return " ".join(str(error.get(name) or "") for name in ("message", "context"))


GHOST = Service("Ghost", "enter a working Admin API key, then switch the channel on", _reason)


@dataclass(frozen=True)
class Key:
    """An Admin API key: who asks, and with what tokens are signed."""

    id: str
    secret: bytes

    @classmethod
    def read(cls, text: str) -> Key:
        """The key as Ghost shows it. Raises `ConfigUnfit`."""
        name, _, secret = text.strip().partition(":")
        try:
            found = cls(name, bytes.fromhex(secret))
        except ValueError:
            found = cls("", b"")
        if not found.id or not found.secret:
            raise ConfigUnfit(
                "api_key is not an Admin API key: it has the form id:secret and stands in Ghost under Settings, "
                "Integrations, in a custom integration"
            )
        return found

    def token(self, moment: int) -> str:
        """A JSON Web Token (RFC 7519, HS256) that lives five minutes from `moment`, in seconds since 1970."""
        head = {"alg": "HS256", "typ": "JWT", "kid": self.id}
        claims = {"iat": moment, "exp": moment + LIFE, "aud": "/admin/"}
        signed = b".".join(_part(json.dumps(each, separators=(",", ":")).encode()) for each in (head, claims))
        return b".".join((signed, _part(hmac.digest(self.secret, signed, hashlib.sha256)))).decode()


def _part(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@dataclass(frozen=True)
class Site:
    """A site and the key of an integration."""

    url: str
    key: Key

    @classmethod
    def of(cls, target: Target) -> Site:
        """The site of a channel. Raises `LoginRefused` if its key is gone."""
        return cls(str(target.config["url"]), Key.read(channel_settings.secret(target, "api_key")))

    def post(self, post_id: str) -> Post | None:
        """A post by its id."""
        try:
            return self._one(self._ask(f"posts/{post_id}/", query=_WHOLE))
        except PageMissing:
            return None

    def of_key(self, key: str) -> list[Post]:
        """The posts that carry a key."""
        return [post for post in self._list(ghost_posts.of_key(key), 1) if key in post.keys]

    def drafts(self) -> Iterator[Post]:
        """Every draft that we made."""
        page, more = 1, True
        while more:
            found = self._list(ghost_posts.of_ours(), page)
            yield from found
            page, more = page + 1, len(found) == PAGE

    def create(self, wish: Mapping[str, Any]) -> Post:
        """Make a post from HTML."""
        return self._one(self._ask("posts/", "POST", {"posts": [wish]}, _WHOLE | {"source": "html"}))

    def change(self, post: Post, wish: Mapping[str, Any], **query: str) -> Post | None:
        """Change a post; None if somebody else has changed it since it was read, so that it must be read again."""
        data = {"posts": [{**wish, "updated_at": post.changed}]}
        try:
            return self._one(self._ask(f"posts/{post.id}/", "PUT", data, _WHOLE | query))
        except ServiceRefused as error:
            if error.code == 409:
                return None
            raise

    def delete(self, post_id: str) -> None:
        """Remove a post for good."""
        try:
            self._ask(f"posts/{post_id}/", "DELETE")
        except PageMissing:
            return

    def title(self) -> str:
        """What the site is called. It says so to everybody, so this tells nothing of the key."""
        return str(self._of(self._ask("site/"), "site").get("title", self.url))

    def version(self) -> str:
        """The version of Ghost, which it tells only with a key that works. Raises `LoginRefused`."""
        return str(self._of(self._ask("config/"), "config").get("version", ""))

    def newsletter(self, slug: str) -> Mapping[str, Any] | None:
        """The newsletter of this slug, if it is active."""
        said = self._ask("newsletters/", query={"filter": f"slug:{slug}+status:active", "limit": "1"})
        found = self._of(said, "newsletters")
        return found[0] if found and found[0].get("slug") == slug else None

    def _list(self, wish: str, page: int) -> list[Post]:
        query = _WHOLE | {"filter": wish, "limit": str(PAGE), "page": str(page), "order": "id asc"}
        return [ghost_posts.post(each) for each in self._of(self._ask("posts/", query=query), "posts")]

    def _one(self, said: Any) -> Post:
        found = self._of(said, "posts")
        return ghost_posts.post(found[0] if isinstance(found, list) and found else None)

    @staticmethod
    def _of(said: Any, name: str) -> Any:
        if not isinstance(said, dict) or name not in said:
            raise AnswerOdd(f"Ghost answered, but not with {name}; is something in its way?")
        return said[name]

    def _ask(
        self,
        path: str,
        method: str = "GET",
        data: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"Authorization": f"Ghost {self.key.token(int(time.time()))}", "Accept-Version": VERSION}
        return json_service.ask(GHOST, f"{self.url}{API}{path}", method, data, headers, query)
