"""The bench of WordPress: a lookalike of a site."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins import wordpress_posts as posts
from stonehand.plugins.wordpress import WordPress
from tests.channels.contract.bench import Bench
from tests.lookalikes import wordpress as lookalike


class WordPressBench(Bench):
    """A site whose posts are drafts before they are public."""

    kind = WordPress()
    steps = ("GET /posts", "POST /posts", "POST /posts/ID", "GET /posts/ID")
    faults = ("lost", "unheard", "error", "error after", "login page")
    update_steps = retract_steps = ("GET /posts/ID", "POST /posts/ID")
    found = frozenset({"api", "seo"})
    refusals = ()  # this lookalike refuses by its own rules

    def __init__(self, site: lookalike.WordPress, folder: Path) -> None:
        settings = {"url": site.url, "username": lookalike.USER, "api": f"{site.url}/wp-json/"}
        self.site = site
        self.target = Target("Blog", folder / "blog", settings, {"password": lookalike.PASSWORD})

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with lookalike.running() as site:
            yield cls(site, folder)

    def copies(self, piece: Piece, key: str) -> int:
        return len(self.site.public().get(key, ()))

    def doubled(self) -> bool:
        return bool(self.site.doubled())

    def text(self, piece: Piece, key: str) -> str:
        return self.site.posts[self.site.public()[key][0]].content

    def machine(self, piece: Piece, key: str) -> str:
        return self.text(piece, key).partition("data-digital-source-type=")[2]

    def hidden(self) -> int:
        return len(self.site.drafts())

    def leave(self, piece: Piece, key: str) -> None:
        self.site.create(posts.draft(piece, key))

    def vanish(self, key: str) -> None:
        for post in [each for each in self.site.posts.values() if key in each.content]:
            self.site.delete(post.id, force=True)

    def befall(self, step: str, what: str) -> None:
        self.site.script.setdefault(step, []).append(what)

    def unhappened(self) -> list[str]:
        return [step for step, rest in self.site.script.items() if rest]
