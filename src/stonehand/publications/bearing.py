"""What a channel bears from now on, reckoned with what went out there already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand.accounts.permissions import Person
from stonehand.db import Session, now
from stonehand.publications.models import Publication
from stonehand.timing import cadences
from stonehand.timing.cadence import LONGEST_GAP, Limits

LOOK_BACK = timedelta(days=2, seconds=LONGEST_GAP)
"""What went out before counts in no day that some clock shows now, and no gap reaches so far."""


def keep(session: Session, person: Person, channel_id: str, wish: Mapping[str, Any]) -> Limits:
    """Say what a channel bears; what went out already counts. Raises `CadenceUnfit`, `ChannelNotFound`."""
    limits = cadences.keep(session, person, channel_id, wish)
    begun = sa.select(Publication.begun_at).where(
        Publication.channel_id == channel_id, Publication.begun_at > now(session) - LOOK_BACK
    )
    cadences.recount(session, channel_id, [at for at in session.scalars(begun.order_by(Publication.begun_at)) if at])
    return limits
