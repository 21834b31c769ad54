"""Forgetting an address, a person or a source on request: texts, vectors, and what was made of them; a stub stays."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.agents import forgetting as agents
from stonehand.analysis import service as analysis
from stonehand.articles import erasing as articles
from stonehand.articles.errors import ArticleNotFound
from stonehand.articles.models import Article
from stonehand.articles.states import State
from stonehand.comments import forgetting as comments
from stonehand.curation import service as curation
from stonehand.db import Session
from stonehand.drafts.models import Citation, Draft, Revision
from stonehand.library import searching
from stonehand.library.models import Bookmark, Tag
from stonehand.mailings import service as mailings
from stonehand.reading import forgetting as reading
from stonehand.rehearsals import service as rehearsals
from stonehand.reports import forgetting as reports
from stonehand.retention import people
from stonehand.rubrics import service as rubrics
from stonehand.search import folding
from stonehand.search.tree import Any, Field, Words
from stonehand.sources import service as sources
from stonehand.sources.addresses import canonical_url
from stonehand.stories import service as stories
from stonehand.vectors import service as vectors

TOGETHER = 10  # articles that are forgotten in one transaction: their stories are told anew in it
Opened = Callable[[], AbstractContextManager[Session]]


class Kind(StrEnum):
    """What is to be forgotten. A person: every article by them, and every one that names them; and what they did and
    said as a reader, if it is the name or the address of an account; and their name where they decided or remarked."""

    URL = "url"
    PERSON = "person"
    SOURCE = "source"


@dataclass(frozen=True)
class Forgotten:
    """How many articles it was, and the drafts that cited some: their own words are for an editor to judge.

    `readers` is how many accounts it was, whose reading is forgotten; the accounts stay.
    """

    articles: int
    drafts: Sequence[str]
    readers: int = 0


def look(session: Session, kind: Kind, value: str) -> Forgotten:
    """What would be forgotten. Raises `ArticleNotFound`, `SourceNotFound`, `AddressMalformed`."""
    wish = chosen(session, kind, value)
    count = session.scalar(sa.select(sa.func.count()).select_from(wish.subquery())) or 0
    return Forgotten(count, _citing(session, Citation.article_id.in_(wish)), len(_readers(session, kind, value)))


def forget(opened: Opened, person: Person, kind: Kind, value: str) -> Forgotten:
    """Forget it, a few articles at a time; `opened` opens a transaction. Raises as `look` does.

    The audit log keeps that something was forgotten and by whom; of an address or a name only a hash.
    """
    person.require("admin")
    with opened() as session:
        chosen(session, kind, value)
    total, cited = 0, set[str]()
    while True:
        with opened() as session:
            ids = list(session.scalars(chosen(session, kind, value).limit(TOGETHER)))
            cited |= set(_citing(session, Citation.article_id.in_(ids)))
            total += _erase(session, ids)
            if not ids:
                readers = _readers(session, kind, value)
                for user_id in readers:
                    reader(session, user_id)
                if kind == Kind.PERSON:
                    people.forget(session, value, readers)
                    total += comments.author(session, value)
                _end(session, person, kind, value, total)
                return Forgotten(total, sorted(cited), len(readers))


def reader(session: Session, user_id: str) -> int:
    """Forget what one reader did and said, and what was sent to them. Returns how many rows went."""
    return reading.reader(session, user_id) + mailings.forget(session, user_id)


def _readers(session: Session, kind: Kind, value: str) -> list[str]:
    return reading.readers_called(session, value) if kind == Kind.PERSON else []


def chosen(session: Session, kind: Kind, value: str) -> sa.Select[str]:
    """Ids of the articles that are meant. Raises `ArticleNotFound` for a name without letters, `SourceNotFound`, ..."""
    wish = sa.select(Article.id).where(Article.state != State.GONE)
    if kind == Kind.SOURCE:
        return wish.where(Article.source_id == sources.get(session, value).id)
    if kind == Kind.URL:
        return wish.where(sa.or_(Article.canonical_url == canonical_url(value), Article.url == value))
    words = tuple(folding.fold(value))
    if not words:
        raise ArticleNotFound("the name is empty; write it as it stands in texts")
    node = Any((Words(words), Field("author", " ".join(value.casefold().split()))))
    return searching.plain(node, searching.ask(session, node))


def _erase(session: Session, ids: Sequence[str]) -> int:
    if not ids:
        return 0
    stories.forget(session, ids)
    analysis.forget(session, ids)
    rubrics.forget(session, ids)
    vectors.forget(session, ids)
    reading.articles(session, ids)
    curation.forget(session, ids)
    reports.forget(session, ids)
    rehearsals.forget(session)
    agents.forget(session, ids)
    for table in (Tag, Bookmark):
        session.execute(sa.delete(table).where(table.article_id.in_(ids)))
    session.execute(sa.update(Citation).where(Citation.article_id.in_(ids)).values(quote=""))
    return articles.erase(session, ids)


def _end(session: Session, person: Person, kind: Kind, value: str, total: int) -> None:
    """Remove what is left besides articles, and write the stub."""
    if kind == Kind.URL:
        curation.forget_urls(session, {value, canonical_url(value)})
        total += comments.url(session, value)
    if kind == Kind.URL and not articles.erase_entry(session, canonical_url(value)) and not total:
        known = sa.select(Article.id).where(Article.canonical_url == canonical_url(value))
        if session.scalar(known) is None:
            raise ArticleNotFound("nothing at this address was read, so there is nothing to forget")
    if kind == Kind.SOURCE:
        sources.remove(session, value)
    known_as = value if kind == Kind.SOURCE else hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()
    accounts.record(session, person, "forgot", kind.value, known_as, {"articles": total})


def _citing(session: Session, which: sa.ColumnElement[bool]) -> Sequence[str]:
    revisions = sa.select(Citation.revision_id).where(which)
    wish = sa.select(Draft.id).join(Revision, Revision.draft_id == Draft.id).where(Revision.id.in_(revisions))
    return session.scalars(wish.distinct().order_by(Draft.id)).all()
