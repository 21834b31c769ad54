"""What search engines are told of a piece: a model's words where they hold, and our own where they do not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from stonehand.drafts import proofreading, tags
from stonehand.drafts.answers import Metas
from stonehand.drafts.pieces import shorten

TITLE, DESCRIPTION, KEYWORDS, KEYWORD = 70, 160, 8, 50
SHORTEST_DESCRIPTION = 50


@dataclass(frozen=True)
class Told:
    """A title of at most 70 characters, a description of at most 160, and up to eight keywords."""

    meta_title: str
    meta_description: str
    keywords: tuple[str, ...]


def derived(title: str, sentences: Sequence[str], language: str, keyword: str = "") -> Told:
    """From the title, the first sentence, and what the text turns on."""
    text = " ".join(sentences)
    description = shorten(sentences[0] if sentences else title, DESCRIPTION)
    return Told(
        shorten(title, TITLE),
        description,
        _listed([*_asked(keyword, f"{title} {text}"), *tags.find(title, sentences, language)]),
    )


def checked(written: Metas, own: Told, text: str, known: Collection[str], keyword: str = "") -> Told:
    """What holds of a model's metas; `own` stands in for the rest. Keywords must occur in the text or its sources."""
    title = shorten(written.meta_title, TITLE)
    description = shorten(written.meta_description, DESCRIPTION)
    words = text.casefold()
    good = [
        each
        for each in (" ".join(one.split()) for one in written.keywords)
        if len(each) <= KEYWORD and not proofreading.line(each, known) and each.casefold() in words
    ]
    return Told(
        own.meta_title if proofreading.line(title, known) else title,
        own.meta_description if _poor(description, known) else description,
        _listed([*_asked(keyword, text), *good]) if good else own.keywords,
    )


def _poor(description: str, known: Collection[str]) -> bool:
    return len(description) < SHORTEST_DESCRIPTION or bool(proofreading.line(description, known))


def _asked(keyword: str, text: str) -> list[str]:
    """The keywords that people asked for and that the text speaks of."""
    asked = [each.strip() for each in keyword.split(",")]
    return [each for each in asked if each and each.casefold() in text.casefold()]


def _listed(found: Iterable[str]) -> tuple[str, ...]:
    different: dict[str, str] = {}
    for each in found:
        if len(each) <= KEYWORD:
            different.setdefault(each.casefold(), each)
    return tuple(different.values())[:KEYWORDS]
