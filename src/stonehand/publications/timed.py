"""Approving with a time: the decision counts now, and the piece goes out then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.reviews import queries, service
from stonehand.reviews.models import Review
from stonehand.timing import moments, wishes


def approve(
    session: Session,
    person: Person,
    review_id: str,
    channel_ids: Sequence[str] | None,
    due_at: datetime,
    timezone: str = "UTC",
    **more: Any,
) -> Review:
    """Approve a text and let it go out through the channels at this time, which can be moved until then.

    Of a correction the approval itself takes effect then. Raises `TimeUnfit`, and what `reviews.service.approve`
    raises.
    """
    person.require("publish")
    review, now = queries.review(session, review_id), db.now(session)
    moment = moments.to_come(due_at, now)
    if review.correction:  # what it corrects is out already, so there is no publication whose time it could be
        wait = max(moment - now, service.TIME_TO_UNDO)
        return service.approve(session, review_id, person, channel_ids, time_to_undo=wait, **more)
    decided = service.approve(session, review_id, person, channel_ids, **more)
    wishes.hold(session, decided.draft_id)
    for each in channels.enabled(session, channel_ids):
        wishes.make(session, person, decided.draft_id, each.id, moment, timezone)
    return decided
