"""Everything that was read, as JSON Lines or Markdown: a few articles at a time, so that memory stays as it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from stonehand.analysis import queries as analyses
from stonehand.articles import queries as articles
from stonehand.articles.models import Article
from stonehand.db import Session
from stonehand.library import queries, searching
from stonehand.search import parsing

TOGETHER = 50  # articles that are in memory at once
Opened = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Exported:
    """One article with all that is known of it."""

    id: str
    title: str
    url: str
    canonical_url: str
    outlet: str
    author: str | None
    published_at: datetime | None
    fetched_at: datetime
    language: str | None
    source_id: str | None
    duplicate_of: str | None
    tags: list[str]
    key_phrases: list[str]
    text: str


def export(opened: Opened, query: str = "", person_id: str = "") -> Iterator[Exported]:
    """Every article that fits, oldest first. Each part is read in a session of its own, which `opened` opens.

    Raises as `searching.search` does, before the first article.
    """
    node = parsing.parse(query)
    with opened() as session:
        asked = searching.ask(session, node, person_id)
    return _parts(opened, searching.plain(node, asked).order_by(Article.id).limit(TOGETHER))


def _parts(opened: Opened, wish: Any) -> Iterator[Exported]:
    last = ""
    while True:
        with opened() as session:
            ids = list(session.scalars(wish.where(Article.id > last)))
            part = _read(session, ids)
        yield from part
        if len(ids) < TOGETHER:
            return
        last = ids[-1]


def _read(session: Session, ids: list[str]) -> list[Exported]:
    found, texts = articles.articles(session, ids), articles.texts(session, ids)
    known, outlets, tags = analyses.analyses(session, ids), articles.outlets(session, ids), queries.tags(session, ids)
    return [
        Exported(
            **{name: getattr(found[id_], name) for name in ("id", "title", "url", "canonical_url", "author")},
            **{name: getattr(found[id_], name) for name in ("published_at", "fetched_at", "source_id", "duplicate_of")},
            outlet=outlets[id_],
            language=known[id_].language if id_ in known else found[id_].language_hint,
            tags=tags[id_],
            key_phrases=[phrase["text"] for phrase in known[id_].key_phrases] if id_ in known else [],
            text=texts[id_].text if id_ in texts else "",
        )
        for id_ in ids
        if id_ in found
    ]


def json_line(article: Exported) -> str:
    """One line of JSON."""
    return json.dumps(asdict(article), ensure_ascii=False, default=_told) + "\n"


def markdown(article: Exported) -> str:
    """A document with its facts as front matter, which is JSON and so YAML too."""
    facts = {name: value for name, value in asdict(article).items() if name != "text" and value not in (None, "", [])}
    front = "".join(
        f"{name}: {json.dumps(value, ensure_ascii=False, default=_told)}\n" for name, value in facts.items()
    )
    return f"---\n{front}---\n\n# {_plain(article.title or article.url)}\n\n{_escaped(article.text)}\n\n"


FORMS: dict[str, tuple[str, str, Callable[[Exported], str]]] = {
    "jsonl": ("application/jsonl", "jsonl", json_line),
    "markdown": ("text/markdown", "md", markdown),
}
"""Media type, file ending and how one article is written, by the name of the form."""


def _told(value: object) -> str:
    assert isinstance(value, datetime)
    return value.isoformat()


def _plain(words: str) -> str:
    return " ".join(words.split())


def _escaped(text: str) -> str:
    """Paragraphs of Markdown that say what the text says: what would begin a heading or a rule does not."""
    lines = (line.strip() for line in text.split("\n"))
    return "\n\n".join(f"\\{line}" if line[0] in "#>-+*=`|~" else line for line in lines if line)
