"""A server that behaves like WordPress's REST API, and as badly as a real one under fire.

It commits after the client gave up, loses answers, says 500 in HTML before or after it committed, hangs, shows a login
page, and is restarted. It never forgets what was public, so that a test can count.
"""

from __future__ import annotations

import base64
import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "desk", "abcd efgh ijkl mnop"
KEY = re.compile(r"<!-- stonehand-key:([a-z0-9]+) -->")
HTML = b"<!DOCTYPE html><html><body><p>There has been a critical error on this website.</p></body></html>"
MISFORTUNES = ("late", "lost", "unheard", "error", "error after", "hang", "login page")
REFUSALS = ("firewall", "busy", "too many")
"""Answers of a site that lives but does not want to: 403 in HTML, 409, and 429 with Retry-After."""


class Refused(Exception):
    """An error in WordPress's own words."""

    def __init__(self, status: int, code: str, message: str = "Sorry, you are not allowed to do that.") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


@dataclass
class Post:
    """A row of its table."""

    id: int
    title: str = ""
    content: str = ""
    excerpt: str = ""
    slug: str = ""
    status: str = "draft"
    categories: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    featured_media: int = 0
    meta: dict[str, str] = field(default_factory=dict)
    modified: datetime = field(default_factory=lambda: datetime.now(UTC))


class WordPress:
    """One site, in threads of this process."""

    def __init__(self) -> None:
        self.posts: dict[int, Post] = {}
        self.shown: dict[str, set[int]] = {}
        """By key, the posts that were ever public."""
        self.asked: Counter[str] = Counter()
        self.script: dict[str, list[str]] = {}
        """What happens to the next requests, such as `POST /posts`, one after the other."""
        self.chance = 0.0
        self.patience = 1.5
        """Seconds after which it commits what it commits late, and for which it hangs."""
        self.password, self.may_publish, self.pretty_links = PASSWORD, True, True
        self.may_upload, self.may_make_terms = True, True
        self.meta_fields: set[str] = set()
        """The extra fields that its plugins let the API fill; any other one is passed over, as WordPress does."""
        self.terms: dict[str, dict[int, str]] = {"categories": {1: "Uncategorized"}, "tags": {}}
        self.media: dict[int, tuple[str, bytes]] = {}
        self.rest = 1
        """Seconds for which it asks to be left alone."""
        self.misfortunes: tuple[str, ...] = MISFORTUNES
        self.logins: list[tuple[float, bool]] = []
        """When somebody came with a password, and whether it was right."""
        self.draw = random.Random(1)
        self._next, self._lock = 1, threading.RLock()
        self._connections: set[socket.socket] = set()
        self.port = 0
        self.start()

    @property
    def url(self) -> str:
        """The address of the site."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Answer, on the same port as before."""
        site = self

        class Handler(_Handler):
            wordpress = site

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, *_: object) -> None:
                """A client that hangs up is nothing to tell of."""

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        """End at once, with every connection. What was committed is kept."""
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def public(self) -> dict[str, list[int]]:
        """By key, the posts that are public now."""
        found: dict[str, list[int]] = {}
        for post in list(self.posts.values()):
            if post.status == "publish":
                found.setdefault(_key(post), []).append(post.id)
        return found

    def drafts(self) -> list[Post]:
        """What is hidden."""
        return [post for post in list(self.posts.values()) if post.status == "draft"]

    def doubled(self) -> list[str]:
        """Keys of which more than one post was ever public."""
        return [key for key, ids in self.shown.items() if len(ids) > 1]

    # ── what it does ──

    def misfortune(self, what: str) -> str:
        """What befalls this request."""
        with self._lock:
            self.asked[what] += 1
            if self.script.get(what):
                return self.script[what].pop(0)
            return self.draw.choice(self.misfortunes) if self.draw.random() < self.chance else ""

    def index(self) -> Any:
        """What the root of the API says."""
        return {"name": "A site", "namespaces": ["oembed/1.0", "wp/v2"]}

    def check(self, authorization: str) -> None:
        """Application passwords are judged before anything else, for every route."""
        if not authorization:
            return
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        user, _, password = given.partition(":")
        is_right = password.replace(" ", "") == self.password.replace(" ", "")
        self.logins.append((time.monotonic(), is_right))
        if user != USER:
            raise Refused(401, "invalid_username", "The username is not registered on this site.")
        if not is_right:
            raise Refused(401, "incorrect_password", "The provided password is an invalid application password.")

    def listing(self, query: Mapping[str, str]) -> Any:
        """Posts by status, slug or words, a page of them."""
        with self._lock:
            wanted = set(query.get("status", "publish").split(","))
            found = [post for post in self.posts.values() if post.status in wanted]
        if "slug" in query:
            found = [post for post in found if post.slug == query["slug"]]
        if "search" in query:
            found = [post for post in found if query["search"] in post.content or query["search"] in post.title]
        size, page = int(query.get("per_page", 10)), int(query.get("page", 1))
        if page > 1 and (page - 1) * size >= len(found):
            raise Refused(400, "rest_post_invalid_page_number", "The page number requested is larger than the number.")
        return [self.show(post) for post in sorted(found, key=lambda post: post.id)[(page - 1) * size : page * size]]

    def create(self, wish: Mapping[str, Any]) -> Any:
        """A new post."""
        with self._lock:
            if not self.may_publish:
                raise Refused(401, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
            post = Post(self._next)
            self._next += 1
            self.posts[post.id] = post
            return self.update(post.id, wish)

    def find(self, number: int) -> Post:
        """A post by its number."""
        if number not in self.posts:
            raise Refused(404, "rest_post_invalid_id", "Invalid post ID.")
        return self.posts[number]

    def update(self, number: int, wish: Mapping[str, Any]) -> Any:
        """Change a post. A slug is made unique when it becomes public, as WordPress does."""
        with self._lock:
            post = self.find(number)
            for name in ("title", "content", "excerpt", "slug", "status", "categories", "tags", "featured_media"):
                setattr(post, name, wish.get(name, getattr(post, name)))
            post.meta |= {name: value for name, value in wish.get("meta", {}).items() if name in self.meta_fields}
            post.modified = datetime.now(UTC)
            if post.status == "publish":
                self.shown.setdefault(_key(post), set()).add(post.id)
                taken = {each.slug for each in self.posts.values() if each.status == "publish" and each is not post}
                plain, count = post.slug, 2
                while post.slug in taken:
                    post.slug, count = f"{plain}-{count}", count + 1
            return self.show(post)

    def delete(self, number: int, force: bool) -> Any:
        """Remove a post, or move it to the bin."""
        with self._lock:
            post = self.find(number)
            if force:
                del self.posts[number]
                return {"deleted": True, "previous": self.show(post)}
            return self.update(number, {"status": "trash"})

    def listed_terms(self, kind: str, words: str) -> Any:
        """Categories or tags that hold these words; names come as HTML."""
        found = [(number, name) for number, name in self.terms[kind].items() if words.lower() in name.lower()]
        return [{"id": number, "name": escape(name)} for number, name in found]

    def make_term(self, kind: str, name: str) -> Any:
        """A new category or tag."""
        with self._lock:
            if not self.may_make_terms:
                raise Refused(403, "rest_cannot_create", "Sorry, you are not allowed to create terms.")
            if name.lower() in (each.lower() for each in self.terms[kind].values()):
                raise Refused(400, "term_exists", "A term with the name provided already exists.")
            number = len(self.terms[kind]) + 10
            self.terms[kind][number] = name
            return {"id": number}

    def upload(self, disposition: str, content: bytes) -> Any:
        """A new picture, whose slug is made unique."""
        with self._lock:
            if not self.may_upload:
                raise Refused(403, "rest_cannot_create", "Sorry, you are not allowed to create posts as this user.")
            name = re.search(r'filename="([^"]+)\.[a-z]+"', disposition)
            if not name:
                raise Refused(400, "rest_upload_no_content_disposition", "No Content-Disposition supplied.")
            taken = {slug for slug, _ in self.media.values()}
            slug, count = name[1], 2
            while slug in taken:
                slug, count = f"{name[1]}-{count}", count + 1
            number = len(self.media) + 100
            self.media[number] = (slug, content)
            return {"id": number, "slug": slug}

    def schema(self) -> Any:
        """What OPTIONS says of posts."""
        properties = {name: {"type": "string"} for name in sorted(self.meta_fields)}
        return {"methods": ["GET", "POST"], "schema": {"properties": {"meta": {"properties": properties}}}}

    def me(self) -> Any:
        """Who is signed in."""
        rights = {"edit_posts": True, "publish_posts": self.may_publish}
        rights |= {"upload_files": self.may_upload, "manage_categories": self.may_make_terms}
        return {"id": 1, "name": "The desk", "roles": ["author"], "capabilities": rights}

    def show(self, post: Post) -> Any:
        """A post as `context=edit` shows it."""
        link = f"{self.url}/{post.slug}/" if post.status == "publish" else f"{self.url}/?p={post.id}"
        return {
            "id": post.id,
            "status": post.status,
            "slug": post.slug,
            "link": link,
            "title": {"raw": post.title},
            "content": {"raw": post.content, "rendered": post.content},
            "featured_media": post.featured_media,
            "modified_gmt": post.modified.replace(tzinfo=None, microsecond=0).isoformat(),
        }


def _key(post: Post) -> str:
    found = KEY.search(post.content)
    return found[1] if found else ""


class _Handler(BaseHTTPRequestHandler):
    wordpress: WordPress
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.wordpress._connections.add(self.connection)

    def finish(self) -> None:
        self.wordpress._connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        route = query.pop("rest_route", "")
        path = route if route and parts.path == "/" else self._pretty(parts.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        if len(body) < length:  # the client was killed in the middle of its question
            self._hang_up()
            return
        what = f"{self.command} {re.sub(r'[0-9]+$', 'ID', path.removeprefix('/wp/v2'))}"
        befalls = self.wordpress.misfortune(what)
        if befalls in ("late", "hang"):
            time.sleep(self.wordpress.patience)
        if befalls in ("unheard", "hang"):
            self._hang_up()
        elif befalls in ("error", "login page", "firewall"):
            status = {"error": 500, "firewall": 403}.get(befalls, 200)
            self._answer(status, HTML, "text/html; charset=UTF-8")
        elif befalls == "busy":
            self._answer(409, b'{"code": "rest_busy", "message": "Try again."}', "application/json")
        elif befalls == "too many":
            self._answer(429, b'{"code": "too_many"}', "application/json", {"Retry-After": str(self.wordpress.rest)})
        else:
            self._obey(path, query, body, befalls)

    def _obey(self, path: str, query: Mapping[str, str], body: bytes, befalls: str) -> None:
        try:
            self.wordpress.check(self.headers.get("Authorization", ""))
            status, said = 200, self._route(path, query, body)
        except Refused as error:
            status, said = (
                error.status,
                {"code": error.code, "message": error.message, "data": {"status": error.status}},
            )
        if befalls in ("late", "lost"):
            self._hang_up()
        elif befalls == "error after":
            self._answer(500, HTML, "text/html; charset=UTF-8")
        else:
            self._answer(status, json.dumps(said).encode(), "application/json; charset=UTF-8")

    def _pretty(self, path: str) -> str:
        if path.startswith("/wp-json") and self.wordpress.pretty_links:
            return path.removeprefix("/wp-json")
        return "/nothing here"

    def _route(self, path: str, query: Mapping[str, str], body: bytes) -> Any:
        site = self.wordpress
        if path in ("", "/"):
            return site.index()
        if not self.headers.get("Authorization"):
            raise Refused(401, "rest_not_logged_in", "You are not currently logged in.")
        if path == "/wp/v2/users/me":
            return site.me()
        if path.startswith("/wp/v2/media"):
            return self._media(path, query, body)
        return self._posts(path, query, json.loads(body) if body else {})

    def _posts(self, path: str, query: Mapping[str, str], wish: Mapping[str, Any]) -> Any:
        site, number = self.wordpress, int(path.rpartition("/")[2]) if re.search(r"/posts/[0-9]+$", path) else 0
        if number and self.command == "GET":
            return site.show(site.find(number))
        if number:
            deletes = self.command == "DELETE"
            return site.delete(number, query.get("force") == "true") if deletes else site.update(number, wish)
        if path == "/wp/v2/posts":
            answers = {"POST": lambda: site.create(wish), "OPTIONS": site.schema}
            return answers.get(self.command, lambda: site.listing(query))()
        if (kind := path.rpartition("/")[2]) in site.terms:
            makes = self.command == "POST"
            return site.make_term(kind, wish["name"]) if makes else site.listed_terms(kind, query.get("search", ""))
        raise Refused(404, "rest_no_route", "No route was found matching the URL and request method.")

    def _media(self, path: str, query: Mapping[str, str], body: bytes) -> Any:
        site = self.wordpress
        if self.command == "POST":
            return site.upload(self.headers.get("Content-Disposition", ""), body)
        if self.command == "DELETE":
            return {"deleted": bool(site.media.pop(int(path.rpartition("/")[2]), None))}
        return [{"id": number, "slug": slug} for number, (slug, _) in site.media.items() if query["search"] in slug]

    def _answer(self, status: int, body: bytes, content_type: str, more: Mapping[str, str] | None = None) -> None:
        with suppress(OSError):
            self.send_response(status)
            for name, value in (more or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def _hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[WordPress]:
    """A site until the end of the block."""
    site = WordPress()
    try:
        yield site
    finally:
        site.stop()
