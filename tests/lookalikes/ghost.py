"""A server that behaves like Ghost's Admin API: tokens, internal tags, collisions, and one mail for each post."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.lookalikes.faulty import Asked, Faulty, Refused

KEY_ID, KEY_SECRET = "6489d2f8a1b2c3d4e5f60718", "a5" * 32
API_KEY = f"{KEY_ID}:{KEY_SECRET}"
API = "/ghost/api/admin/"


@dataclass
class Post:
    """A row of its table."""

    id: str
    fields: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    mails: list[tuple[str, str]] = field(default_factory=list)
    """The newsletters and segments for which mails were made."""
    changed: int = 0
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def status(self) -> str:
        return str(self.fields.get("status", "draft"))


def refused(status: int, kind: str, message: str) -> Refused:
    return Refused(status, {"errors": [{"type": kind, "message": message, "context": None}]})


def slug(tag: str) -> str:
    plain = tag.replace("#", "hash-", 1) if tag.startswith("#") else tag
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


class Ghost(Faulty):
    """One site with the newsletter `weekly`."""

    def __init__(self) -> None:
        self.posts: dict[str, Post] = {}
        self.shown: dict[str, set[str]] = {}
        """By the name of an internal tag, the posts that were ever public."""
        self.secret = KEY_SECRET
        self.newsletters = {"weekly": "Weekly letter"}
        self.ticks = 0
        super().__init__()

    def step(self, asked: Asked) -> str:
        path = asked.path.removeprefix(API)
        return f"{asked.method} {re.sub(r'^posts/[0-9a-f]{24}/$', 'posts/ID/', path)}"

    def refusal(self, status: int) -> Any:
        return {"errors": [{"type": "UnauthorizedError", "message": f"Refused with {status}", "context": ""}]}

    def public(self, key: str) -> list[Post]:
        return [post for post in self.posts.values() if post.status == "published" and f"#stonehand-{key}" in post.tags]

    def drafts(self) -> list[Post]:
        return [post for post in self.posts.values() if post.status == "draft"]

    def doubled(self) -> bool:
        return any(len(ids) > 1 for ids in self.shown.values())

    def check(self, authorization: str) -> None:
        """A token, as the documentation asks for it."""
        if not authorization.startswith("Ghost "):
            raise refused(403, "NoPermissionError", "Authorization failed")
        head, claims, signature = authorization.removeprefix("Ghost ").split(".")
        right = hmac.digest(bytes.fromhex(self.secret), f"{head}.{claims}".encode(), hashlib.sha256)
        said, now = json.loads(part(claims)), time.time()
        if json.loads(part(head)) != {"alg": "HS256", "typ": "JWT", "kid": KEY_ID} or part(signature) != right:
            raise refused(401, "UnauthorizedError", "Invalid token: invalid signature")
        if said["aud"] != "/admin/" or said["exp"] - said["iat"] > 300 or not said["iat"] - 60 <= now <= said["exp"]:
            raise refused(401, "UnauthorizedError", "Invalid token: jwt expired")

    def obey(self, asked: Asked) -> Any:
        path = asked.path.removeprefix(API)
        if path == "site/":
            return {"site": {"title": "Harbour Post", "url": self.url, "version": "5.82"}}
        self.check(asked.headers.get("authorization", ""))
        assert asked.headers["accept-version"] == "v5.0"
        if path == "config/":
            return {"config": {"version": "5.82.0"}}
        if path == "newsletters/":
            wanted = asked.query["filter"].removeprefix("slug:").removesuffix("+status:active")
            name = self.newsletters.get(wanted)
            return {"newsletters": [{"slug": wanted, "name": name, "status": "active"}] if name else []}
        with self.lock:
            return self._posts(asked, path)

    def _posts(self, asked: Asked, path: str) -> Any:
        if path == "posts/" and asked.method == "GET":
            return self._listing(asked.query)
        if path == "posts/":
            return self._create(asked)
        post = self.posts.get(path.removeprefix("posts/").strip("/"))
        if post is None:
            raise refused(404, "NotFoundError", "Resource not found error, cannot read post.")
        if asked.method == "DELETE":
            del self.posts[post.id]
            raise Refused(204, None)
        return self._change(post, asked) if asked.method == "PUT" else {"posts": [self.show(post)]}

    def _listing(self, query: Mapping[str, str]) -> Any:
        found = sorted(self.posts.values(), key=lambda post: post.id)
        for wish in query.get("filter", "").split("+"):
            name, _, value = wish.partition(":")
            if name == "tag":
                found = [post for post in found if value in map(slug, post.tags)]
            elif name == "status":
                found = [post for post in found if post.status == value]
        size, page = int(query["limit"]), int(query.get("page", "1"))
        return {"posts": [self.show(post) for post in found[(page - 1) * size : page * size]]}

    def _create(self, asked: Asked) -> Any:
        assert asked.query["source"] == "html"
        post = Post(f"{len(self.posts) + 1 + self.ticks:024x}")
        self.posts[post.id] = post
        self._set(post, asked.data["posts"][0])
        return {"posts": [self.show(post)]}

    def _change(self, post: Post, asked: Asked) -> Any:
        wish, before = asked.data["posts"][0], post.status
        if wish["updated_at"] != self.show(post)["updated_at"]:
            raise refused(409, "UpdateCollisionError", "Saving failed! Someone else is editing this post.")
        assert "html" not in wish or asked.query.get("source") == "html"
        self._set(post, wish)
        if post.status == "published" and before != "published":
            letter = asked.query.get("newsletter") or post.fields.get("newsletter")
            if letter and letter not in self.newsletters:
                raise refused(400, "BadRequestError", "Newsletter not found")
            post.fields["newsletter"] = letter
            if letter and not post.mails:
                post.mails.append((letter, asked.query.get("email_segment", "all")))
        return {"posts": [self.show(post)]}

    def _set(self, post: Post, wish: Mapping[str, Any]) -> None:
        self.ticks += 1
        post.changed = self.ticks
        post.fields |= {name: value for name, value in wish.items() if name not in ("updated_at", "tags")}
        if "tags" in wish:
            post.tags = [each["name"] for each in wish["tags"]]
        taken = {each.fields["slug"] for each in self.posts.values() if each is not post}
        plain, count = post.fields["slug"], 2
        while post.fields["slug"] in taken:
            post.fields["slug"], count = f"{plain}-{count}", count + 1
        if post.status == "published":
            for tag in post.tags:
                if tag.startswith("#stonehand-"):
                    self.shown.setdefault(tag, set()).add(post.id)

    def show(self, post: Post) -> Any:
        """A post with its tags and its mail."""
        public = post.status == "published"
        return {
            "id": post.id,
            "status": post.status,
            "slug": post.fields["slug"],
            "url": f"{self.url}/{post.fields['slug']}/" if public else f"{self.url}/p/{post.id}/",
            "updated_at": f"{post.at:%Y-%m-%dT%H:%M:%S}.{post.changed % 1000:03}Z",
            "tags": [{"id": slug(name), "name": name, "slug": slug(name)} for name in post.tags],
            "email": {"status": "submitted"} if post.mails else None,
        }


def part(text: str) -> bytes:
    """A part of a token, decoded."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
