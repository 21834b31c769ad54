"""What a platform plugin gets and what it provides.

A site knows no key of ours, and its answers can be lost. So who comments writes down that the comment is about to be
sent (`Notes.remember`), and a repeat looks at the article first. What we are there is a session: cookies that the room
keeps sealed, and gives to every job of the login.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from stonehand.channels.interfaces import (
    ArrivalDisputed,
    ArrivalUnknown,
    Config,
    ConfigUnfit,
    LoginRefused,
    Notes,
)
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import Reply, Request

Ask = Callable[[Request], Reply]
"""Wait for the site's turn, then ask. It follows no redirect."""


class SessionOver(Unavailable):
    """The site takes us for a guest, so what was asked was not done; after a new sign-in it can be asked again."""


class CommentRefused(Rejected):
    """The site does not want this comment, in its own words."""


class PageOdd(Rejected):
    """A page of the site does not look as the configuration says."""


@dataclass(frozen=True)
class Cookie:
    """Something the site told us to bring along. `expires` is seconds since 1970; None lasts as long as the session."""

    name: str
    value: str = field(repr=False)
    path: str = "/"
    expires: float | None = None


@dataclass
class Visit:
    """One login at one site, while a job runs. The kind keeps `jar` as the site wishes; the room stores it."""

    base_url: str
    config: Config
    username: str
    ask: Ask = field(repr=False)
    jar: list[Cookie] = field(default_factory=list, repr=False)
    name: str = ""
    """What the site calls this login where people can see it; empty before anybody has asked."""


@dataclass(frozen=True)
class Choice:
    """Something to filter by: what the site calls it in addresses, and in words."""

    id: str
    name: str


@dataclass(frozen=True)
class Filters:
    """Which articles to list. `search` is looked for in titles where the site cannot search. `page` counts from 1."""

    tab: str = ""
    category: str = ""
    task: str = ""
    search: str = ""
    page: int = 1
    most: int = 20


@dataclass(frozen=True)
class Card:
    """An article in a list. `state` is `published`, `draft`, `review`, `archived` or what the site says."""

    id: str
    url: str
    title: str
    author: str = ""
    state: str = ""
    visibility: str = ""
    published_at: datetime | None = None


@dataclass(frozen=True)
class Listing:
    """A part of the site's articles, and what can be filtered by."""

    cards: tuple[Card, ...]
    tabs: tuple[Choice, ...] = ()
    categories: tuple[Choice, ...] = ()
    tasks: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Comment:
    """A comment as the article's page shows it. `id` is the site's own, empty where it shows none."""

    id: str
    author: str
    text: str
    url: str = ""
    is_pending: bool = False
    """It waits for somebody of the site to let it through."""


@dataclass(frozen=True)
class Article:
    """An article as its page shows it. `text` is what people read; `html` is untrusted markup, cleaned of scripts."""

    id: str
    url: str
    title: str
    author: str
    text: str
    html: str
    category: str = ""
    task: str = ""
    edited_at: datetime | None = None
    comments: tuple[Comment, ...] = ()


@dataclass(frozen=True)
class Words:
    """A comment to be made. `html` is as the site takes it; `is_hidden` asks the site to show it to the author only."""

    article_id: str
    html: str
    is_hidden: bool = False


@dataclass(frozen=True)
class Preset:
    """A configuration that is known to fit some sites."""

    name: str
    title: str
    hint: str = ""
    language: str = ""
    """What is spoken there, and so what comments are written in unless somebody says otherwise."""


class PlatformKind(Protocol):
    """A kind of site, without state. Its methods wait for the world; nobody calls them in a transaction.

    They raise `Unavailable` for what may pass, `SessionOver` where the site takes us for a guest, and `Rejected` for
    what will not get better; `sign_in` raises `LoginRefused`, and `comment` `CommentRefused`, `ArrivalUnknown` and
    `ArrivalDisputed` as well.
    """

    @property
    def kind(self) -> str:
        """Its name: `form-site`."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def presets(self) -> Sequence[Preset]:
        """Configurations that come with it."""

    def validate(self, config: Config) -> dict[str, Any]:
        """The configuration as it should be kept. Raises `ConfigUnfit`, naming the setting. Asks nobody."""

    def sign_in(self, visit: Visit, password: str) -> str:
        """Fill the jar. Returns what the site calls us."""

    def who(self, visit: Visit) -> str | None:
        """What the site calls us now; None if we are a guest there."""

    def articles(self, visit: Visit, filters: Filters) -> Listing:
        """The articles that this login sees under these filters."""

    def read(self, visit: Visit, article_id: str, author: str = "") -> Article:
        """One article. `author`, from its card, tells where a title ends that names its author."""

    def comment(self, visit: Visit, words: Words, notes: Notes) -> Comment:
        """Make the comment once, however often this is called with the same notes, also after a crash half-way."""

    def find(self, visit: Visit, words: Words) -> Comment | None:
        """Our comment of these words, as the site shows it; None if it is not there."""

    def change(self, visit: Visit, comment: Comment, words: Words) -> Comment:
        """Give our comment other words, or hide it. Raises `Rejected` where the site has no way to."""


__all__ = [
    "ArrivalDisputed",
    "ArrivalUnknown",
    "Article",
    "Ask",
    "Card",
    "Choice",
    "Comment",
    "CommentRefused",
    "Config",
    "ConfigUnfit",
    "Cookie",
    "Filters",
    "Listing",
    "LoginRefused",
    "Notes",
    "PageOdd",
    "PlatformKind",
    "Preset",
    "SessionOver",
    "Visit",
    "Words",
]
