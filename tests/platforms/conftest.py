"""Sites to comment on, one of each preset, and a way to visit them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from stonehand import http_client, registry
from stonehand.platforms.interfaces import PlatformKind, Visit, Words
from tests.lookalikes.wordpress_comments import WordPressComments
from tests.lookalikes.writing_platform import WritingPlatform

PASSWORD = "hunter-two-words"
Site = WritingPlatform | WordPressComments


class Kept:
    """Notes of a comment, in memory."""

    def __init__(self) -> None:
        self.kept: Mapping[str, Any] = {}

    def remember(self, **facts: Any) -> None:
        self.kept = {**self.kept, **facts}


@dataclass
class Bench:
    """A kind of platform before a lookalike of a site."""

    site: Site
    username: str
    config: dict[str, Any]
    kind: PlatformKind = field(default_factory=lambda: registry.find("platform", "form-site"))

    def visit(self, **changes: Any) -> Visit:
        """Nobody yet."""
        return Visit(self.site.url, {**self.config, **changes}, self.username, http_client.fetch)

    def inside(self, **changes: Any) -> Visit:
        """Signed in."""
        visit = self.visit(**changes)
        visit.name = self.kind.sign_in(visit, PASSWORD)
        return visit


WORDS = Words("1", "<p>[Dieser Kommentar stammt von einem KI-ChatBot.]</p><p>Dein Bach gefällt mir &amp; uns.</p>")
BENCHES: dict[str, tuple[Any, str]] = {
    "mymoment": (WritingPlatform, "bot3a"),
    "wordpress": (WordPressComments, "bot"),
}


@pytest.fixture(params=list(BENCHES))
def bench(request: pytest.FixtureRequest, near: None) -> Iterator[Bench]:
    """Each preset in turn."""
    lookalike, username = BENCHES[request.param]
    with lookalike.running() as site:
        yield Bench(site, username, {"preset": request.param})


@pytest.fixture
def platform(near: None) -> Iterator[Bench]:
    """The writing platform alone."""
    with WritingPlatform.running() as site:
        yield Bench(site, "bot3a", {"preset": "mymoment"})
