"""Whether a publication may begin now, as its channel bears: quiet hours, caps, gaps, and what its target asks for."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from stonehand.channels import service as channels
from stonehand.db import Session
from stonehand.http_client import HostUnavailable
from stonehand.jobs import Snooze
from stonehand.limits import pacing
from stonehand.publications.models import Publication
from stonehand.publications.states import PublicationState
from stonehand.timing import cadence, cadences, moments
from stonehand.timing.cadence import Limits, Taken, Wait

MOST_AHEAD = 200  # publications that are reckoned with
SHORTEST = 1.0  # seconds
RESTING = (429, 503)


def check(session: Session, publication: Publication, moment: datetime) -> None:
    """Raise `Snooze` while the channel bears no piece. One whose delivery has begun may have arrived, and goes on.

    One that failed before has its place of the day already, but keeps the quiet hours like any other.
    """
    _check_rest(session, publication)
    if publication.state == PublicationState.PUBLISHING:
        return
    limits = cadences.limits_of(session, publication.channel_id)
    taken = Taken() if publication.begun_at else cadences.taken_of(session, publication.channel_id)
    if publication.begun_at:
        limits = Limits(limits.timezone, limits.quiet)
    if cadence.wait(limits, taken, moment):
        raise _put_back(publication, limits, _turn(session, publication, limits, taken, moment), moment)


def _check_rest(session: Session, publication: Publication) -> None:
    rest = pacing.rest(session, channels.breaker(publication.channel_id))
    if rest > 0:
        words = f"{publication.channel_name} asks to be left alone for {rest:.0f} s more"
        raise Snooze(rest, words, cadences.gate(publication.channel_id))


def leave_alone(session: Session, publication: Publication, error: BaseException) -> None:
    """Nobody asks a target again before the time that it has named, whichever piece it named it for."""
    asked: BaseException | None = error
    while asked is not None:
        if isinstance(asked, HostUnavailable) and asked.code in RESTING and asked.retry_after:
            pacing.defer(session, channels.breaker(publication.channel_id), asked.retry_after)
            return
        asked = asked.__cause__


def take(session: Session, publication: Publication, moment: datetime) -> None:
    """Take a place for a delivery that begins for the first time. Raises `Snooze` if others were quicker."""
    if not cadences.take(session, publication.channel_id, moment):
        limits = cadences.limits_of(session, publication.channel_id)
        raise _put_back(publication, limits, Wait(moment, "another piece was quicker"), moment)


def _put_back(publication: Publication, limits: Limits, wait: Wait, moment: datetime) -> Snooze:
    seconds = max((wait.until - moment).total_seconds(), SHORTEST)
    until = moments.told(wait.until, limits.timezone)
    words = f"{publication.channel_name} takes nothing now ({wait.why}); it goes out at {until}"
    return Snooze(seconds, words, cadences.gate(publication.channel_id))


def _turn(session: Session, publication: Publication, limits: Limits, taken: Taken, moment: datetime) -> Wait:
    """When its turn comes, after those that have waited longer."""
    earlier = sa.or_(
        Publication.due_at < publication.due_at,
        sa.and_(Publication.due_at == publication.due_at, Publication.id < publication.id),
    )
    ahead = sa.select(sa.func.count()).where(
        Publication.channel_id == publication.channel_id,
        Publication.state == PublicationState.SCHEDULED,
        Publication.begun_at.is_(None),
        earlier,
    )
    count = 0 if publication.begun_at else min(session.scalar(ahead) or 0, MOST_AHEAD)
    *_, mine = cadence.expected(limits, taken, moment, [moment] * (count + 1))
    return mine
