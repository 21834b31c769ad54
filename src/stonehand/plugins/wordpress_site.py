"""One WordPress site, asked over its REST API: requests, and what their answers mean."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from stonehand.channels.interfaces import ConfigUnfit, Target
from stonehand.errors import StonehandError
from stonehand.http_client import PageMissing
from stonehand.plugins import channel_settings, json_service
from stonehand.plugins import wordpress_posts as posts
from stonehand.plugins.json_service import AnswerOdd, Service, ServiceRefused
from stonehand.plugins.wordpress_posts import Post

POSTS = "wp/v2/posts"
ANY = "publish,future,draft,pending"
CONFLICT = 409
NOT_OURS = "the site has no REST API of WordPress there; is the address right, and the API not switched off?"


def _reason(said: Any) -> str:
    return f"{said['message'][:160]} ({said['code'][:80]})"


WORDPRESS = Service("WordPress", "enter a working application password, then switch the channel on", _reason)


@dataclass(frozen=True)
class Site:
    """A site and a login. `api` is the address of its REST API, which depends on how the site writes its links."""

    api: str
    username: str
    password: str

    @classmethod
    def of(cls, target: Target) -> Site:
        """The site of a channel. Raises `LoginRefused` if its password is gone."""
        password = channel_settings.secret(target, "password")
        return cls(str(target.config["api"]), str(target.config["username"]), password)

    @classmethod
    def find(cls, settings: Mapping[str, str], password: str) -> Site:
        """The site at an address, whichever way it writes its links. Raises `ConfigUnfit`."""
        reason: StonehandError | None = None
        for api in (f"{settings['url']}/wp-json/", f"{settings['url']}/?rest_route=/"):
            site = cls(api, settings["username"], password)
            try:
                if "wp/v2" in site._ask("").get("namespaces", ()):
                    return site
            except (PageMissing, AnswerOdd, AttributeError) as error:
                reason = error if isinstance(error, StonehandError) else None
        raise ConfigUnfit(f"{settings['url']}: {NOT_OURS}") from reason

    def check_rights(self) -> None:
        """Raises `LoginRefused` if the login is wrong, `ConfigUnfit` if it may not publish."""
        rights = self.me().get("capabilities", {})
        if not rights.get("publish_posts"):
            raise ConfigUnfit(f"{self.username} may not publish posts there; give that user the role Author")

    def me(self) -> dict[str, Any]:
        """Who we are there, with roles and capabilities."""
        return _named(self._ask("wp/v2/users/me", context="edit"))

    def meta_fields(self) -> set[str]:
        """The extra fields of posts that the API lets us fill."""
        said = _named(self._ask(POSTS, None, "OPTIONS"))
        properties = _named(_named(said.get("schema") or {}).get("properties") or {})
        return set(_named(_named(properties.get("meta") or {}).get("properties") or {}))

    def post(self, number: int) -> Post | None:
        """A post by its number."""
        try:
            return posts.post(self._ask(f"{POSTS}/{number}", context="edit", _fields=posts.FIELDS))
        except PageMissing:
            return None

    def of_key(self, key: str) -> list[Post]:
        """The posts that carry a key: by the slug of a draft, or by the remark in the text of what is public."""
        for wish in ({"slug": key}, {"search": posts.MARK + key}):
            found = [post for post in self._list(status=ANY, **wish) if post.key == key]
            if found:
                return found
        return []

    def drafts(self) -> Iterator[Post]:
        """Every draft that carries a key."""
        page, more = 1, True
        while more:
            try:
                found = self._list(status="draft", search=posts.MARK, page=str(page), orderby="id", order="asc")
            except ServiceRefused:  # there were exactly so many pages
                return
            yield from found
            page, more = page + 1, len(found) == 100

    def create(self, wish: Mapping[str, Any]) -> Post:
        """Make a post."""
        return posts.post(self._ask(POSTS, wish, "POST", _fields=posts.FIELDS, context="edit"))

    def publish(self, number: int, slug: str) -> None:
        """Show a post under its real name."""
        self._ask(f"{POSTS}/{number}", {"status": "publish", "slug": slug}, "POST", _fields="id,status")

    def change(self, number: int, wish: Mapping[str, Any]) -> Post:
        """Give a post other contents or another state."""
        return posts.post(self._ask(f"{POSTS}/{number}", wish, "POST", _fields=posts.FIELDS, context="edit"))

    def bin(self, number: int) -> None:
        """Move a post to the bin, from which a person can take it back."""
        with _missing_is_fine():
            self._ask(f"{POSTS}/{number}", {}, "DELETE")

    def terms(self, kind: str, name: str) -> list[dict[str, Any]]:
        """The categories or tags whose names hold these words."""
        said = self._ask(f"wp/v2/{kind}", None, "GET", search=name, per_page="100", _fields="id,name")
        if not isinstance(said, list):
            raise AnswerOdd(f"WordPress answered, but not with a list of {kind}; is another plugin in its way?")
        return [_named(each) for each in said]

    def create_term(self, kind: str, name: str) -> int:
        """Make a category or tag. One that somebody has made in this moment is found by the next try."""
        return _number(self._ask(f"wp/v2/{kind}", {"name": name}, "POST", _fields="id"))

    def media(self, key: str) -> list[int]:
        """The numbers of the pictures that were uploaded under this key."""
        said = self._ask("wp/v2/media", None, "GET", search=key, per_page="100", _fields="id,slug", context="edit")
        if not isinstance(said, list):
            raise AnswerOdd("WordPress answered, but not with a list of pictures; is another plugin in its way?")
        return [_number(each) for each in map(_named, said) if str(each.get("slug", "")).startswith(key)]

    def upload(self, name: str, content: bytes, content_type: str, words: str) -> int:
        """Put a picture into the library, under a name that holds its key, with words for who cannot see it."""
        more = {"Content-Type": content_type, "Content-Disposition": f'attachment; filename="{name}"'}
        said = self._sent("wp/v2/media", content, "POST", more, {"_fields": "id", "alt_text": words})
        return _number(said)

    def delete_media(self, number: int) -> None:
        """Remove a picture for good."""
        with _missing_is_fine():
            self._ask(f"wp/v2/media/{number}", {}, "DELETE", force="true")

    def delete(self, number: int) -> None:
        """Remove a post for good."""
        with _missing_is_fine():
            self._ask(f"{POSTS}/{number}", {}, "DELETE", force="true")

    def _list(self, **wish: str) -> list[Post]:
        said = self._ask(POSTS, None, "GET", context="edit", per_page="100", _fields=posts.FIELDS, **wish)
        if not isinstance(said, list):
            raise AnswerOdd("WordPress answered, but not with a list of posts; is another plugin in its way?")
        return [posts.post(each) for each in said]

    def _ask(self, path: str, data: Mapping[str, Any] | None = None, method: str = "GET", **query: str) -> Any:
        body = json_service.encoded(data) if data is not None else None
        return self._sent(path, body, method, {}, query)

    def _sent(
        self, path: str, body: bytes | None, method: str, more: Mapping[str, str], query: Mapping[str, str]
    ) -> Any:
        login = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", **more}
        address = f"{self.api}{path}" + (("&" if "?" in self.api else "?") + urlencode(query) if query else "")
        try:
            return json_service.answer(WORDPRESS, address, method, body, headers)
        except ServiceRefused as error:
            if error.code == CONFLICT:  # it is busy with this post, and takes it later
                raise AnswerOdd(str(error)) from error
            raise


@contextmanager
def _missing_is_fine() -> Iterator[None]:
    try:
        yield
    except PageMissing:
        return


def _named(said: Any) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise AnswerOdd("WordPress answered, but with something else; is another plugin in its way?")
    return said


def _number(said: Any) -> int:
    number = _named(said).get("id")
    if not isinstance(number, int):
        raise AnswerOdd("WordPress answered, but not with the number of what it made; is another plugin in its way?")
    return number
