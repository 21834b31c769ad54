"""Whether one article, held in memory, is what a search asks for: the same answer that the database gives."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from urllib.parse import urlsplit

from stonehand.search import dates, folding
from stonehand.search.errors import NotAboutOneArticle
from stonehand.search.tree import All, Any, Field, Node, Not, Words

MOST_WORDS = 16_000
"""Words of a text that can be found; more than a novel's chapter, and what PostgreSQL can tell the places of."""


@dataclass(frozen=True)
class Subject:
    """What is known of the article. `seen_at` stands in for a date that nobody knows."""

    title: str
    text: str
    url: str
    seen_at: datetime
    published_at: datetime | None = None
    source_id: str = ""
    source: str = ""
    kind: str = ""
    site: str = ""
    author: str = ""
    language: str = ""
    tags: Collection[str] = ()
    category: str = ""
    topics: Collection[str] = ()
    tone: str = ""
    states: Collection[str] = ()

    @cached_property
    def title_words(self) -> list[str]:
        """Folded."""
        return folding.fold(self.title)

    @cached_property
    def text_words(self) -> list[str]:
        """Folded."""
        return folding.fold(self.text)[:MOST_WORDS]


def matches(node: Node, subject: Subject, now: datetime) -> bool:
    """Whether the article fits. `now` is what ages count from. Raises `NotAboutOneArticle` for `like:`."""
    if isinstance(node, All):
        return all(matches(part, subject, now) for part in node.parts)
    if isinstance(node, Any):
        return any(matches(part, subject, now) for part in node.parts)
    if isinstance(node, Not):
        return not matches(node.part, subject, now)
    return _says(node, subject) if isinstance(node, Words) else _fits(node, subject, now)


def _says(wanted: Words, subject: Subject) -> bool:
    return stands_in(wanted, subject.title_words) or (not wanted.in_title and stands_in(wanted, subject.text_words))


def host_of(url: str) -> str:
    """The host of an address, in lower case; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:  # brackets that hold no address
        return ""


def stands_in(wanted: Words, words: list[str]) -> bool:
    """Whether these words follow each other there."""
    size = len(wanted.words)
    return any(
        words[at : at + size] == list(wanted.words)
        or (wanted.is_start and _begins(wanted.words, words[at : at + size]))
        for at in range(len(words) - size + 1)
    )


def _begins(wanted: tuple[str, ...], words: list[str]) -> bool:
    return list(wanted[:-1]) == words[:-1] and words[-1].startswith(wanted[-1])


def _fits(field: Field, subject: Subject, now: datetime) -> bool:  # noqa: PLR0911  one answer a field
    value = field.value
    match field.name:
        case "source":
            names = (subject.source.casefold(), subject.site.casefold())
            return value == subject.source_id or any(value in name for name in names)
        case "site":
            host = host_of(subject.url)
            return host == value or host.endswith(f".{value}")
        case "author":
            return value in subject.author.casefold()
        case "lang":
            spoken = subject.language.casefold()
            return spoken == value or spoken.startswith(f"{value}-")
        case "kind":
            return value == subject.kind
        case "tag":
            return value in subject.tags
        case "category":
            return value == subject.category.casefold()
        case "topic":
            return value in subject.topics
        case "tone":
            return value == subject.tone
        case "is":
            return value in subject.states
        case "before":
            return (subject.published_at or subject.seen_at) < dates.moment(value, now)
        case "after":
            return (subject.published_at or subject.seen_at) >= dates.moment(value, now)
    raise NotAboutOneArticle(f"{field.name}: compares articles with each other; a rule about one cannot use it")
