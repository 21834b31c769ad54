"""Tables of curations, their items, and weights that somebody saved."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from stonehand.curation.states import CurationState, ItemState, Kind
from stonehand.db import Base, Mapped, mapped_column, new_id


def _known(column: str, states: type[StrEnum]) -> sa.CheckConstraint:
    return sa.CheckConstraint(
        f"{column} IN ({', '.join(repr(str(state)) for state in states)})", name=f"{column}_known"
    )


class Curation(Base):
    """A wish for the best diverse set, and how far it has come."""

    __tablename__ = "curations"
    __table_args__ = (_known("state", CurationState), _known("kind", Kind))

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    topic: Mapped[str] = mapped_column(default="")
    within: Mapped[str] = mapped_column(default="")
    """A search of the library that articles for a topic must fit as well."""
    weights: Mapped[dict[str, Any]]
    weights_name: Mapped[str] = mapped_column(default="standard")
    rules: Mapped[dict[str, Any]]
    """Caps and thresholds of the choice; see `diversity.Rules`."""
    with_sources: Mapped[bool] = mapped_column(default=False)
    """Whether every source is looked at first."""
    looks: Mapped[list[Any] | None]
    """The jobs of these looks, once they are asked for."""
    state: Mapped[str] = mapped_column(default=CurationState.READING)
    job_id: Mapped[str | None] = mapped_column(sa.String(36), index=True)
    limit_seconds: Mapped[int]
    total: Mapped[int] = mapped_column(default=0)
    scored: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    chosen: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(default="")
    """What somebody who looks at the results should know."""
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    began_at: Mapped[datetime | None]
    gathered_at: Mapped[datetime | None]
    """Since when it is known which articles are looked at."""
    ended_at: Mapped[datetime | None]


class CurationItem(Base):
    """An address or an article of a curation. `parts` are {part: [score, reason]}; `place` is 1 for the best chosen."""

    __tablename__ = "curation_items"
    __table_args__ = (
        sa.UniqueConstraint("curation_id", "position"),
        sa.Index("ix_curation_items_curation_id_state", "curation_id", "state"),
        _known("state", ItemState),
    )

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    curation_id: Mapped[str] = mapped_column(sa.ForeignKey("curations.id", ondelete="CASCADE"))
    position: Mapped[int]
    url: Mapped[str]
    entry_id: Mapped[str | None]
    article_id: Mapped[str | None] = mapped_column(sa.ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(default=ItemState.WAITING)
    error: Mapped[str | None]
    score: Mapped[float | None]
    parts: Mapped[dict[str, Any] | None]
    scored_at: Mapped[datetime | None]
    place: Mapped[int | None]
    left_out: Mapped[str | None]
    """Why it was not chosen: `host`, `duplicate`, `cluster` or `enough`."""
    yields_to: Mapped[str | None]
    """The item that it is too close to."""
    closeness: Mapped[float | None]
    cluster: Mapped[int | None]


class SavedWeights(Base):
    """Weights with a name. Those in use are what a wish without weights gets; at most one set is."""

    __tablename__ = "curation_weights"

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[str] = mapped_column(index=True)
    weights: Mapped[dict[str, Any]]
    in_use: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
