"""Tables of pages, articles, their texts, the bands by which copies are found, and the index of words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import DDL, event
from sqlalchemy.dialects import postgresql

from stonehand.articles.states import State
from stonehand.db import Base, Mapped, mapped_column, new_id
from stonehand.search.matching import host_of

_IS_COPY = sa.text("duplicate_of IS NOT NULL")  # an index of all would lead whoever asks for originals to nearly all


class Page(Base):
    """Raw bytes as they were fetched, compressed. The same bytes are kept once. `size` is that of the raw page."""

    __tablename__ = "pages"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    sha256: Mapped[str] = mapped_column(unique=True)
    body: Mapped[bytes] = mapped_column(deferred=True)
    content_type: Mapped[str]
    charset: Mapped[str | None]
    size: Mapped[int]
    created_at: Mapped[datetime]


def _host_of_its_url(context: Any) -> str:
    return host_of(context.get_current_parameters()["url"])


class Article(Base):
    """One article, however many feeds carry it. Its text is in `StoredText`.

    `duplicate_of` names the original, never a copy. Until the page is read, title, author and date are the feed's.
    """

    __tablename__ = "articles"
    __table_args__ = (
        sa.CheckConstraint(f"state IN ({', '.join(repr(s.value) for s in State)})", name="state_known"),
        sa.Index("ix_articles_duplicate_of", "duplicate_of", sqlite_where=_IS_COPY, postgresql_where=_IS_COPY),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[str | None] = mapped_column(sa.ForeignKey("entries.id", ondelete="SET NULL"), index=True)
    source_id: Mapped[str | None] = mapped_column(sa.ForeignKey("sources.id", ondelete="SET NULL"), index=True)
    url: Mapped[str]
    canonical_url: Mapped[str] = mapped_column(unique=True)
    host: Mapped[str] = mapped_column(default=_host_of_its_url, server_default="")
    """Of `url`, in lower case."""
    page_id: Mapped[str | None] = mapped_column(sa.ForeignKey("pages.id"), index=True)
    state: Mapped[str] = mapped_column(default=State.STORED)
    title: Mapped[str] = mapped_column(default="")
    author: Mapped[str | None]
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    published_precision: Mapped[str | None]
    language_hint: Mapped[str | None]
    image_url: Mapped[str | None]
    site: Mapped[str | None]
    licence: Mapped[str | None]
    origins: Mapped[dict[str, Any] | None]
    """Where each datum comes from and how far it can be trusted: title, text, author, published and so on."""
    excerpt: Mapped[str] = mapped_column(default="")
    word_count: Mapped[int] = mapped_column(default=0)
    text_hash: Mapped[str | None] = mapped_column(index=True)
    duplicate_of: Mapped[str | None] = mapped_column(sa.ForeignKey("articles.id", ondelete="SET NULL"))
    duplicate_evidence: Mapped[dict[str, Any] | None]
    is_sample: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None]
    fetched_at: Mapped[datetime]
    extracted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """How many texts it has had; earlier ones are in `ArticleVersion`."""
    revised_at: Mapped[datetime | None]
    """Since when its text is as it is, if it has had another one before."""
    etag: Mapped[str | None]
    modified: Mapped[str | None]
    missing_since: Mapped[datetime | None]
    """Since when its address answers that nothing is there (404, 410)."""
    robots: Mapped[dict[str, Any] | None]
    """What its site's robots.txt said when its page was fetched last; see `sources.robots.rules.Decision`."""
    archived_at: Mapped[datetime | None]
    """Since when its text is kept compressed."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class StoredText(Base):
    """An article's text, apart from it so that lists of articles stay light."""

    __tablename__ = "article_texts"

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str]
    """Empty once it is archived; `packed` holds it then, compressed."""
    packed: Mapped[bytes | None]


class IndexEntry(Base):
    """An article's place in the index of words, which `indexing` keeps; `version` is that of the folding of words."""

    __tablename__ = "article_index"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)
    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), unique=True)
    version: Mapped[int]
    moment: Mapped[datetime | None]
    """When its article was published, or fetched if nobody knows; so that a search for words need not read that."""
    host: Mapped[str] = mapped_column(default="", server_default="")
    """Of its article, as are `source_id` and `site`."""
    source_id: Mapped[str] = mapped_column(default="", server_default="")
    site: Mapped[str] = mapped_column(default="", server_default="")
    language: Mapped[str] = mapped_column(default="", server_default="")
    """In lower case: what analysis recognised, until then what the page says of itself."""
    words: Mapped[str | None] = mapped_column(postgresql.TSVECTOR().with_variant(sa.Text(), "sqlite"), deferred=True)
    """On PostgreSQL alone. SQLite has a table of its own for them."""


class ArticleVersion(Base):
    """A text that an article had before: from `since` until `until`. `packed` is its text, compressed."""

    __tablename__ = "article_versions"
    __table_args__ = (sa.UniqueConstraint("article_id", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str]
    packed: Mapped[bytes] = mapped_column(deferred=True)
    word_count: Mapped[int]
    since: Mapped[datetime]
    until: Mapped[datetime]


class Verdict(Base):
    """What a person said of two articles: the second is a copy of the first, or they are different. It is obeyed.

    `low_id` < `high_id`; `original_id` is one of them, or null if they are different.
    """

    __tablename__ = "article_verdicts"
    __table_args__ = (sa.UniqueConstraint("low_id", "high_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    low_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"))
    high_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    original_id: Mapped[str | None]
    said_by: Mapped[str]
    said_at: Mapped[datetime]


class Band(Base):
    """One of the numbers by which copies find their original. Copies have none, so they add no rows."""

    __tablename__ = "article_bands"
    __table_args__ = ({"sqlite_with_rowid": False},)

    value: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(
        sa.ForeignKey("article_index.number", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
    )
    """The place of its article in the index of words."""


BLOCK = 2048
"""Neighbouring places of the index of words that PostgreSQL can be asked for together with words."""
MAKE_INDEX: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE VIRTUAL TABLE article_words USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 0')",
        "CREATE TRIGGER article_words_removed AFTER DELETE ON article_index "
        "BEGIN DELETE FROM article_words WHERE rowid = OLD.number; END",
    ),
    "postgresql": (
        "ALTER TABLE article_index ALTER words SET STORAGE EXTERNAL",  # to unpack words takes longer than to read them
        f"CREATE INDEX article_words ON article_index USING gin (words, (ARRAY[number / {BLOCK}]))",
    ),
}
"""Statements, by dialect, that make the index itself. Migrations run them after they create `article_index`."""
for _dialect, _statements in MAKE_INDEX.items():
    for _statement in _statements:
        event.listen(IndexEntry.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
_DROP = DDL("DROP TABLE IF EXISTS article_words").execute_if(dialect="sqlite")  # type: ignore[no-untyped-call]
event.listen(IndexEntry.__table__, "before_drop", _DROP)
