"""The bench of Ghost: a lookalike of a site with a newsletter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins import ghost_posts
from stonehand.plugins.ghost import Ghost
from stonehand.plugins.ghost_site import Site
from tests.channels.contract.bench import Bench
from tests.lookalikes import ghost as lookalike


class GhostBench(Bench):
    """A site whose posts are drafts before they are public and mailed."""

    kind = Ghost()
    steps = ("GET posts/", "POST posts/", "PUT posts/ID/", "GET posts/ID/")
    update_steps = retract_steps = ("GET posts/ID/", "PUT posts/ID/")

    def __init__(self, site: lookalike.Ghost, folder: Path) -> None:
        self.site = site
        self.target = Target(
            "Post", folder / "ghost", {"url": site.url, "newsletter": "weekly"}, {"api_key": lookalike.API_KEY}
        )

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        with lookalike.Ghost.running() as site:
            yield cls(site, folder)

    def copies(self, piece: Piece, key: str) -> int:
        return len(self.site.public(key))

    def doubled(self) -> bool:
        mails = [len(post.mails) for post in self.site.posts.values()]
        return self.site.doubled() or any(count > 1 for count in mails)

    def text(self, piece: Piece, key: str) -> str:
        return str(self.site.public(key)[0].fields["html"])

    def machine(self, piece: Piece, key: str) -> str:
        return str(self.site.public(key)[0].fields["codeinjection_head"])

    def hidden(self) -> int:
        return len(self.site.drafts())

    def leave(self, piece: Piece, key: str) -> None:
        Site.of(self.target).create(ghost_posts.draft(piece, key, ""))

    def vanish(self, key: str) -> None:
        for post in list(self.site.posts.values()):
            if f"#stonehand-{key}" in post.tags:
                del self.site.posts[post.id]

    def secrets(self) -> tuple[str, ...]:
        return (lookalike.API_KEY, lookalike.KEY_SECRET, "Ghost ey")

    def befall(self, step: str, what: str) -> None:
        self.site.befall(step, what)

    def unhappened(self) -> list[str]:
        return self.site.unhappened()

    def catch_up(self) -> None:
        self.site.catch_up()
