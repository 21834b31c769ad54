"""Sending what was approved on somebody's word: one piece to one channel, or all that failed once more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.publications import queries
from stonehand.publications.errors import ContentNotApproved, PublicationNotDue
from stonehand.publications.events import PublicationDue
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState

MOST = 200  # failed ones that are tried again at once
ON_ITS_WAY = (PublicationState.SCHEDULED, PublicationState.PUBLISHING)


def start(session: Session, draft_id: str, channel_id: str) -> str:
    """Let the delivery of a draft to a channel begin, again if it failed. Returns the publication.

    Raises `ContentNotApproved`, and `PublicationNotDue` for one that its reviewer has put off.
    """
    mine = [each for each in queries.of_draft(session, draft_id) if each.channel_id == channel_id]
    if not mine:
        raise ContentNotApproved(f"draft {draft_id} is approved for no channel {channel_id}; approve it for it first")
    publication = mine[-1]
    if publication.state == PublicationState.SCHEDULED and publication.due_at > db.now(session):
        raise PublicationNotDue(f"{publication.title!r} goes out at {publication.due_at:%Y-%m-%d %H:%M} UTC")
    if publication.state in (PublicationState.SCHEDULED, PublicationState.FAILED):
        _again(session, [publication])
    return publication.id


def outcome(session: Session, publication_id: str) -> dict[str, Any] | None:
    """How a delivery ended, as far as anybody knows; None while it goes on."""
    publication = queries.publication(session, publication_id)
    if publication.state in ON_ITS_WAY:
        return None
    return {
        "publication_id": publication.id,
        "success": publication.state == PublicationState.PUBLISHED,
        "status": publication.state,
        "url": publication.url,
        "error": publication.error,
    }


@dataclass(frozen=True)
class Retried:
    """What became of everything that failed: tried again, for a person to look at, or without its channel."""

    retried: int = 0
    needs_a_person: int = 0
    without_channel: int = 0


def retry_failed(session: Session) -> Retried:
    """Try again what failed, the oldest first, each under its own key and on its own channel.

    What only a person can tell is left alone, and so is what was meant for a channel that was removed.
    """
    failed = sa.select(Publication).where(Publication.state == PublicationState.FAILED)
    there = sa.exists().where(Channel.id == Publication.channel_id)
    found = session.scalars(failed.where(there).order_by(Publication.due_at).limit(MOST)).all()
    _again(session, found)
    doubted = sa.select(sa.func.count()).where(Publication.state == PublicationState.NEEDS_RECONCILE)
    lost = sa.select(sa.func.count()).where(Publication.state == PublicationState.FAILED, ~there)
    return Retried(len(found), session.scalar(doubted) or 0, session.scalar(lost) or 0)


def _again(session: Session, publications: Sequence[Publication]) -> None:
    for publication in publications:
        publication.state = PublicationState.SCHEDULED
    jobs.announce_many(session, [PublicationDue(publication.id) for publication in publications])
