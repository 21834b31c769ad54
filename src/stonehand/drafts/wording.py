"""What a person can word in a piece: its text, and what it says of itself to readers, search engines and networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from stonehand.drafts import pictures, spans
from stonehand.drafts.errors import TextUnacceptable
from stonehand.drafts.pieces import EXCERPT_LENGTH, shorten, slug

META_TITLE, META_DESCRIPTION = 70, 160  # characters at most
KEYWORDS, KEYWORD = 10, 60  # how many, and how long each; of categories, too


@dataclass(frozen=True)
class Heads:
    """What stands beside the text. An empty `slug` is made from the title, an empty `excerpt` of the first sentence."""

    slug: str = ""
    excerpt: str = ""
    meta_title: str = ""
    meta_description: str = ""
    keywords: tuple[str, ...] = ()
    image_url: str = ""
    image_alt: str = ""
    categories: tuple[str, ...] = ()


NO_HEADS = Heads()


@dataclass(frozen=True)
class Wording:
    """Everything that a person words. `sources` are ids of articles in the order of their numbers."""

    title: str
    markdown: str
    heads: Heads = NO_HEADS
    sources: tuple[str, ...] = ()


class Worded(Protocol):
    """A revision, or a working copy of one."""

    title: str
    markdown: str
    slug: str
    excerpt: str
    meta_title: str
    meta_description: str
    keywords: list[str]
    image_url: str
    image_alt: str
    categories: list[str]
    sources: list[str]


def of(row: Worded) -> Wording:
    """The wording of a row, as it is kept."""
    heads = Heads(
        row.slug,
        row.excerpt,
        row.meta_title,
        row.meta_description,
        tuple(row.keywords),
        row.image_url,
        row.image_alt,
        tuple(row.categories),
    )
    return Wording(row.title, row.markdown, heads, tuple(row.sources))


def changed(row: Worded, title: str | None, markdown: str, language: str) -> Wording:
    """A row's wording with another title and text. What was made from the old ones is made anew, the rest is kept."""
    before, heads = of(row), of(row).heads
    title = before.title if title is None else title
    made_slug, made_excerpt = slug(before.title), excerpt(before.markdown, language)
    made_title, made_description = _metas(before.title, before.markdown, language)
    new_title, new_description = _metas(title, markdown, language)
    heads = replace(
        heads,
        slug="" if heads.slug == made_slug else heads.slug,
        excerpt="" if heads.excerpt == made_excerpt else heads.excerpt,
        meta_title=new_title if heads.meta_title == made_title else heads.meta_title,
        meta_description=new_description if heads.meta_description == made_description else heads.meta_description,
    )
    return Wording(title, markdown, heads, before.sources)


def _metas(title: str, markdown: str, language: str) -> tuple[str, str]:
    """What search engines are told if nobody said otherwise: the title, and the first sentence."""
    parts = spans.find(markdown, language)
    return shorten(title, META_TITLE), shorten(parts[0].words if parts else title, META_DESCRIPTION)


def excerpt(markdown: str, language: str) -> str:
    """The first sentence of a text, at most 220 characters."""
    parts = spans.find(markdown, language)
    return shorten(parts[0].words) if parts else ""


def checked(heads: Heads) -> Heads:
    """On one line each, the slug as a slug. Raises `TextUnacceptable` for what would be cut elsewhere."""
    title, description = _line(heads.meta_title), _line(heads.meta_description)
    _refuse_longer("title for search engines", title, META_TITLE)
    _refuse_longer("description for search engines", description, META_DESCRIPTION)
    return Heads(
        slug(heads.slug) if heads.slug.strip() else "",
        shorten(heads.excerpt, EXCERPT_LENGTH),
        title,
        description,
        _listed("keyword", heads.keywords),
        *pictures.checked(heads.image_url, heads.image_alt),
        _listed("category", heads.categories),
    )


def _line(text: str) -> str:
    return " ".join(text.split())


def _refuse_longer(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise TextUnacceptable(f"the {what} has {len(text)} characters; at most {most} are shown, so shorten it")


NAMES = {"keyword": "keywords", "category": "categories"}


def _listed(what: str, given: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(word for word in map(_line, given) if word))
    if len(found) > KEYWORDS:
        raise TextUnacceptable(f"there are {len(found)} {NAMES[what]}; keep the {KEYWORDS} that matter most")
    long = next((word for word in found if len(word) > KEYWORD), None)
    if long:
        raise TextUnacceptable(f"the {what} “{long[:30]}…” is longer than {KEYWORD} characters; shorten it")
    return found
