"""Tables of tags, bookmarks and saved searches."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id


class Tag(Base):
    """A word that somebody gave an article, for everybody. Kept folded."""

    __tablename__ = "article_tags"

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True, index=True)
    created_at: Mapped[datetime]


class Bookmark(Base):
    """An article that somebody wants to find again."""

    __tablename__ = "bookmarks"

    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[str] = mapped_column(
        sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    created_at: Mapped[datetime]


class SavedSearch(Base):
    """A search with a name, which is a feed too. `user_id` is whose bookmarks `is:bookmarked` means."""

    __tablename__ = "saved_searches"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(unique=True)
    query: Mapped[str]
    feed_hash: Mapped[str] = mapped_column(unique=True)
    """Of the secret in the feed's address, which nobody can look up later."""
    feed_prefix: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
