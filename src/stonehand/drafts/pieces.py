"""The values that writers and checkers hand to each other."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stonehand.prompts.library import PromptText

SLUG_LENGTH = 100
EXCERPT_LENGTH = 220


@dataclass(frozen=True)
class SourceText:
    """An article as a writer sees it. `number` is how the piece refers to it, from 1."""

    number: int
    article_id: str
    outlet: str
    title: str
    url: str
    published_at: datetime | None
    text: str
    language: str = "en"


@dataclass(frozen=True)
class Section:
    """A story of a digest: what it is called, and the numbers of its sources."""

    title: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Instructions:
    """How a piece is to be written. All of it comes from people, never from a source."""

    agent_id: str = ""
    prompt_id: str = ""
    model_id: str = ""
    keyword: str = ""
    brief: str = ""
    expertise: str = ""
    persona: str = ""
    tone: str = ""
    words: int = 0
    """About how long it should be; 0 leaves it to the writer."""
    language: str = ""
    note: str = ""
    """What a reviewer asked for when it is written again."""
    most_micro: int | None = None
    """What models may take for it, in millionths; None leaves it to the budgets."""
    most_tokens: int | None = None


@dataclass(frozen=True)
class Wish:
    """A piece that somebody wants: about these articles, or about a story."""

    title: str
    by: str
    article_ids: tuple[str, ...] = ()
    instructions: Instructions = Instructions()
    story_id: str = ""
    is_sample: bool = False


@dataclass(frozen=True)
class Brief:
    """All that a writer needs to know."""

    draft_id: str
    story_id: str
    title: str
    language: str
    sources: tuple[SourceText, ...]
    is_sample: bool = False
    sections: tuple[Section, ...] = ()
    """Of a digest: each is told apart, in this order."""
    instructions: Instructions = Instructions()
    prompt: PromptText | None = None
    """Which prompt asks a model for it; None is the built-in one of its purpose."""
    remark: str = ""
    """Why that is not the prompt that was named."""
    earlier: str = ""
    """The text as it was, where it is to be written again."""


@dataclass(frozen=True)
class Cited:
    """A sentence at `start:end` of the markdown, and the words of a source at `source_start:source_end`.

    `kind` is "verbatim", "supported" or "unsupported"; `cosine` is None where nothing was embedded.
    """

    start: int
    end: int
    kind: str
    article_id: str | None = None
    source_start: int | None = None
    source_end: int | None = None
    quote: str = ""
    cosine: float | None = None


@dataclass(frozen=True)
class Warned:
    """Something a reviewer should know before deciding."""

    kind: str
    text: str


@dataclass(frozen=True)
class Piece:
    """A finished text, its citations and what to warn of."""

    title: str
    slug: str
    excerpt: str
    markdown: str
    language: str
    label: str
    writer: str
    sources: tuple[str, ...]
    """Ids of the articles, in the order of their numbers in the text."""
    citations: tuple[Cited, ...]
    warnings: tuple[Warned, ...] = ()
    model: str | None = None
    prompt_version: str | None = None
    cost_micro: int = 0
    notes: str = ""
    meta_title: str = ""
    meta_description: str = ""
    keywords: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    """How a model came to write it: prompt, rules, inputs, rounds, what was found wrong."""
    input_tokens: int = 0
    output_tokens: int = 0
    image_url: str = ""
    image_alt: str = ""
    categories: tuple[str, ...] = ()


def slug(title: str) -> str:
    """The title in ASCII letters, digits and hyphens, at most 100 characters; "piece" if nothing is left."""
    folded = (
        title.replace("ß", "ss")
        .replace("ø", "o")
        .replace("æ", "ae")
        .replace("ł", "l")
        .replace("Ł", "L")
        .replace("Ø", "O")
        .replace("’", "")
        .replace("'", "")
    )
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    while words and len("-".join(words)) > SLUG_LENGTH:
        words = words[:-1] if len(words) > 1 else [words[0][:SLUG_LENGTH]]
    return "-".join(words) or "piece"


def shorten(text: str, length: int = EXCERPT_LENGTH) -> str:
    """The text on one line, cut at a word if it is longer than `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


@dataclass(frozen=True)
class PieceText:
    """A revision as it goes out. `label` says how it was written and must be visible wherever the piece is.

    `generator` says the same to machines: `offline`, `model:<name>` or `person`. `sources` are ids of articles, in the
    order of their numbers in the text.
    """

    title: str
    slug: str
    markdown: str
    excerpt: str
    language: str
    label: str
    generator: str
    content_sha256: str
    is_sample: bool
    sources: tuple[str, ...]
    citations: tuple[Cited, ...]
    meta_title: str = ""
    meta_description: str = ""
    keywords: tuple[str, ...] = ()
    image_url: str = ""
    image_alt: str = ""
    categories: tuple[str, ...] = ()
