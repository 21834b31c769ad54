"""Questions about publications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand.db import Session
from stonehand.publications.errors import PublicationNotFound
from stonehand.publications.models import Publication
from stonehand.publications.states import WAITING, PublicationState


@dataclass(frozen=True)
class Sent:
    """What went to a channel: how many pieces, the last one, and the newest that could not be delivered."""

    published: int = 0
    last: Publication | None = None
    failure: Publication | None = None


NOTHING_SENT = Sent()


def publication(session: Session, publication_id: str) -> Publication:
    """A publication by id. Raises `PublicationNotFound`."""
    found = session.get(Publication, publication_id)
    if found is None:
        raise PublicationNotFound(f"there is no publication {publication_id}")
    return found


def of_draft(session: Session, draft_id: str) -> Sequence[Publication]:
    """Where a draft goes or went, oldest first."""
    wish = sa.select(Publication).where(Publication.draft_id == draft_id).order_by(Publication.id)
    return session.scalars(wish).all()


def going_out(session: Session, limit: int = 20) -> Sequence[Publication]:
    """What is scheduled, on its way or has failed, the next one first."""
    waiting = sa.select(Publication).where(Publication.state.in_(WAITING))
    return session.scalars(waiting.order_by(Publication.due_at, Publication.id).limit(limit)).all()


def in_doubt(session: Session, limit: int = 20) -> Sequence[Publication]:
    """Of which only a person can say whether they arrived, the oldest first."""
    doubted = sa.select(Publication).where(Publication.state == PublicationState.NEEDS_RECONCILE)
    return session.scalars(doubted.order_by(Publication.id).limit(limit)).all()


def published_since(session: Session, since: datetime, limit: int = 20) -> Sequence[Publication]:
    """What has gone out since then, the latest first."""
    wish = sa.select(Publication).where(Publication.published_at >= since)
    return session.scalars(wish.order_by(Publication.published_at.desc()).limit(limit)).all()


def newest(
    session: Session, limit: int = 100, before: str | None = None, state: PublicationState | None = None
) -> Sequence[Publication]:
    """Up to `limit` publications in any state or in this one, newest first, older than the publication `before`."""
    wish = sa.select(Publication).order_by(Publication.id.desc()).limit(limit)
    if state:
        wish = wish.where(Publication.state == state)
    if before:
        wish = wish.where(Publication.id < before)
    return session.scalars(wish).all()


def counts(session: Session) -> dict[str, int]:
    """How many publications are in each state, the empty ones too."""
    found = session.execute(sa.select(Publication.state, sa.func.count()).group_by(Publication.state))
    counted = dict.fromkeys(map(str, PublicationState), 0)
    for state, count in found:
        counted[state] = count
    return counted


def by_channel(session: Session) -> dict[str, Sent]:
    """What went to each channel, by its id; a channel without any publication is left out."""
    told = (PublicationState.PUBLISHED, PublicationState.FAILED)
    rows = session.execute(
        sa.select(Publication.channel_id, Publication.state, sa.func.count(), sa.func.max(Publication.id))
        .where(Publication.state.in_(told))
        .group_by(Publication.channel_id, Publication.state)
    )
    counts = {(channel_id, state): (count, newest) for channel_id, state, count, newest in rows}
    ids = [newest for _, newest in counts.values()]
    found = {each.id: each for each in session.scalars(sa.select(Publication).where(Publication.id.in_(ids)))}
    return {
        channel_id: Sent(
            counts.get((channel_id, told[0]), (0, ""))[0],
            *(found.get(counts.get((channel_id, state), (0, ""))[1]) for state in told),
        )
        for channel_id, _ in counts
    }
