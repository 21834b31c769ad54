"""Tables of stories, of the place of each article, and of the lock under which places are given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stonehand.db import Base, Mapped, mapped_column, new_id
from stonehand.stories.states import Change, Role, StoryState

_IS_MERGED = sa.text("merged_into IS NOT NULL")


def _known(column: str, values: type[StoryState] | type[Role] | type[Change]) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(each.value) for each in values)})", name=f"{column}_known")


class Story(Base):
    """Articles on one event.

    `centroid` is the float16 mean of its vectors and `profile` its commonest terms: what new articles are compared
    with. `rank` orders stories for ever without being renewed (see `ranking`). `revision` is the lock's count at its
    last change. A story that was merged stays as a sign to the one that has its articles now, `merged_into`.
    """

    __tablename__ = "stories"
    __table_args__ = (
        _known("state", StoryState),
        sa.Index("ix_stories_rank", sa.text("rank DESC")),
        sa.Index("ix_stories_merged_into", "merged_into", sqlite_where=_IS_MERGED, postgresql_where=_IS_MERGED),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    title: Mapped[str]
    state: Mapped[str]
    article_count: Mapped[int]
    outlet_count: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime] = mapped_column(index=True)
    rank: Mapped[float]
    centroid: Mapped[bytes] = mapped_column(deferred=True)
    vector_model: Mapped[str]
    profile: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    is_sample: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(index=True)
    merged_into: Mapped[str | None] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Placement(Base):
    """The one story an article belongs to, and why.

    Title, outlet and address are those of the moment it was placed. `dated` tells whether `reported_at` is the
    article's own date or the time at which it was placed.
    """

    __tablename__ = "placements"
    __table_args__ = (_known("role", Role), sa.Index("ix_placements_story", "story_id", "reported_at"))

    article_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    story_id: Mapped[str] = mapped_column(sa.ForeignKey("stories.id", ondelete="CASCADE"))
    role: Mapped[str]
    original_id: Mapped[str | None]
    title: Mapped[str]
    outlet: Mapped[str]
    url: Mapped[str]
    reported_at: Mapped[datetime]
    dated: Mapped[bool]
    cosine: Mapped[float]
    evidence: Mapped[dict[str, Any]]
    placed_at: Mapped[datetime]


class StoryLock(Base):
    """One row. Whoever changes stories holds it; a new `epoch` says that stories were removed and caches start anew."""

    __tablename__ = "story_lock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    epoch: Mapped[str]
    passed: Mapped[int] = mapped_column(server_default="0")
    """The count up to which the graph pass has looked at what changed."""


class StoryChange(Base):
    """That articles moved from one story to another: by the graph pass or an editor, and why."""

    __tablename__ = "story_changes"
    __table_args__ = (_known("kind", Change),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    from_id: Mapped[str] = mapped_column(index=True)
    to_id: Mapped[str] = mapped_column(index=True)
    article_count: Mapped[int]
    title: Mapped[str]
    """Of the story they left, as it was then."""
    evidence: Mapped[dict[str, Any]]
    said_by: Mapped[str]
    at: Mapped[datetime]


class StoryVerdict(Base):
    """What an editor said of two articles: that they belong to one story, or that they do not. Every pass obeys."""

    __tablename__ = "story_verdicts"
    __table_args__ = (sa.UniqueConstraint("low_id", "high_id"),)

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    low_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"))
    high_id: Mapped[str] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    together: Mapped[bool]
    said_by: Mapped[str]
    said_at: Mapped[datetime]
