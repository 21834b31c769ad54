"""The sample's articles, and the truth about which of them belong together."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

FOLDER = Path(__file__).with_name("content")


@dataclass(frozen=True)
class SampleArticle:
    """One article as it is written in `content/<outlet>/<slug>.md`; `hours` and `updated` count back from the epoch."""

    outlet: str
    slug: str
    title: str
    summary: str
    author: str
    section: str
    hours: float
    updated: float
    language: str
    feed: str
    hidden: str
    paragraphs: tuple[str, ...]


class Truth(NamedTuple):
    """What an article is about: `event` is its own slug if it stands alone; `copy_of` names the agency's original."""

    event: str
    copy_of: str | None


def _read(path: Path) -> SampleArticle:
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    return SampleArticle(
        outlet=path.parent.name,
        slug=path.stem,
        title=fields["title"],
        summary=fields["summary"],
        author=fields["author"],
        section=fields["section"],
        hours=float(fields["hours"]),
        updated=float(fields.get("updated", fields["hours"])),
        language=fields.get("language", "en"),
        feed=fields.get("feed", "main"),
        hidden=fields.get("hidden", ""),
        paragraphs=tuple(body.strip().split("\n\n")),
    )


@cache
def articles() -> tuple[SampleArticle, ...]:
    """All articles, newest first."""
    return tuple(sorted((_read(path) for path in FOLDER.glob("*/*.md")), key=lambda article: article.hours))


@cache
def events() -> dict[str, dict[str, str]]:
    """Event id -> its `title` and, if there is one, the other event that it is `confusable_with`."""
    found: dict[str, dict[str, str]] = _truth_file()["events"]
    return found


@cache
def truth() -> dict[str, Truth]:
    """Slug of every article -> its event, and the article that it copies."""
    return {
        slug: Truth(row["event"] or slug, row["copy_of"])  # an article that stands alone is an event of its own
        for slug, row in _truth_file()["articles"].items()
    }


def slug_of(url: str) -> str:
    """The slug in an article's address, whatever its outlet makes of addresses."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2].removesuffix(".html")


def _truth_file() -> dict[str, dict[str, dict[str, str]]]:
    loaded: dict[str, dict[str, dict[str, str]]] = json.loads((FOLDER / "events.json").read_text(encoding="utf-8"))
    return loaded
