"""Letting go of old curations. Articles stay; what goes is the wish, its results, and why each was chosen or not."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.curation.models import Curation, CurationItem
from stonehand.curation.states import CurationState
from stonehand.db import Session


def old(before: datetime, cited: sa.ColumnElement[bool]) -> sa.Select[str]:
    """Ids of curations that ended before a moment; `cited` is true of an item whose article must be explained."""
    chosen = _item(CurationItem.place.is_not(None), cited)
    is_over = (Curation.state != CurationState.READING, Curation.ended_at < before)
    return sa.select(Curation.id).where(*is_over, ~chosen)


def _item(*conditions: sa.ColumnElement[bool]) -> sa.Exists:
    """Whether a curation has an item like this."""
    wish = sa.select(CurationItem.id).where(CurationItem.curation_id == Curation.id, *conditions)
    return wish.correlate(Curation).exists()


def forget_items(session: Session, due: sa.Select[str], most: int) -> int:
    """Delete some items of these curations. Returns how many."""
    wish = sa.select(CurationItem.id).where(CurationItem.curation_id.in_(due)).limit(most)
    ids = session.scalars(wish).all()
    session.execute(sa.delete(CurationItem).where(CurationItem.id.in_(ids)))
    return len(ids)


def forget(session: Session, due: sa.Select[str], most: int) -> int:
    """Delete some of these curations, once their items are gone. Returns how many."""
    ids = session.scalars(due.where(~_item()).limit(most)).all()
    session.execute(sa.delete(Curation).where(Curation.id.in_(ids)))
    return len(ids)
