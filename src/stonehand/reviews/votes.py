"""Who has approved a text for which channels, and whether that is enough people.

Whoever counts holds the row of the review, so that two who approve at the same time are counted one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand import config, db
from stonehand.accounts.permissions import Person
from stonehand.channels.models import Channel
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.drafts.models import Revision
from stonehand.reviews import eyes
from stonehand.reviews.models import Review, ReviewApproval


def cast(session: Session, review: Review, person: Person, channel_ids: Sequence[str]) -> None:
    """Count a person's approval, once however often it is given; the last word about channels holds."""
    row = {
        "review_id": review.id,
        "user_id": person.id,
        "user_name": person.name or person.email,
        "channel_ids": list(channel_ids),
        "at": db.now(session),
    }
    again = {name: row[name] for name in ("channel_ids", "at")}
    insert = db.insert(session, ReviewApproval).values(row)
    session.execute(insert.on_conflict_do_update(index_elements=["review_id", "user_id"], set_=again))


def withdraw(session: Session, review_id: str, user_ids: Sequence[str | None]) -> int:
    """Count these people's approvals no longer. Returns how many there were."""
    mine = (
        ReviewApproval.review_id == review_id,
        ReviewApproval.user_id.in_([id_ for id_ in user_ids if id_ is not None]),
    )
    return len(session.scalars(sa.delete(ReviewApproval).where(*mine).returning(ReviewApproval.user_id)).all())


def of_review(session: Session, review_id: str) -> Sequence[ReviewApproval]:
    """The approvals of a review, the first one first."""
    wish = sa.select(ReviewApproval).where(ReviewApproval.review_id == review_id).order_by(ReviewApproval.at)
    return session.scalars(wish.execution_options(populate_existing=True)).all()


def missing(session: Session, review: Review, channel_ids: Sequence[str]) -> str:
    """What is still needed for these channels, in words; empty if enough people have approved."""
    given, hands = of_review(session, review.id), written_by(session, review)
    for channel in session.scalars(sa.select(Channel).where(Channel.id.in_(channel_ids)).order_by(Channel.name)):
        people = [each.user_id for each in given if channel.id in each.channel_ids]
        if words := eyes.missing(rule(channel), people, hands):
            return f"for {channel.name}, {words}"
    return ""


def still_missing(session: Session, review: Review, user_id: str) -> str:
    """The same for the channels that this person has approved it for."""
    mine = [each.channel_ids for each in of_review(session, review.id) if each.user_id == user_id]
    return missing(session, review, mine[0]) if mine else ""


def rule(channel: Channel) -> str:
    """Who must approve what goes to a channel: its own rule, or that of the installation if it is stricter."""
    return eyes.stricter(channel.eyes, config.settings().review_eyes)


def written_by(session: Session, review: Review) -> set[str]:
    """Who wrote the draft, and who edited it last. Programs are among them, and never approve."""
    first = (
        sa.select(Revision.created_by).where(Revision.draft_id == review.draft_id).order_by(Revision.number).limit(1)
    )
    return {session.scalar(first) or "", drafts.revision(session, review.revision_id).created_by}
