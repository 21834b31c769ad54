"""Questions about reviews."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from stonehand.channels.models import Channel
from stonehand.db import Session, now
from stonehand.drafts.models import Draft, Revision
from stonehand.drafts.states import DraftState
from stonehand.reviews.errors import ReviewNotApproved, ReviewNotFound
from stonehand.reviews.filters import EVERY, QUEUE, TROUBLE, Filter
from stonehand.reviews.models import Review, ReviewApproval, ReviewState


@dataclass(frozen=True)
class ApprovedPiece:
    """What a person approved: exactly this text, for these channels, not before `due_at`."""

    review_id: str
    draft_id: str
    revision_id: str
    content_sha256: str
    channel_ids: tuple[str, ...]
    due_at: datetime


def review(session: Session, review_id: str) -> Review:
    """A review by id. Raises `ReviewNotFound`."""
    found = session.get(Review, review_id)
    if found is None:
        raise ReviewNotFound(f"there is no review {review_id}; it may have been removed")
    return found


def of_draft(session: Session, draft_id: str) -> Sequence[Review]:
    """The reviews of a draft, the newest first."""
    return session.scalars(sa.select(Review).where(Review.draft_id == draft_id).order_by(Review.id.desc())).all()


def shown_revision(session: Session, draft_id: str) -> str | None:
    """The revision that was approved last: of a published draft, the one that can be seen."""
    approved = sa.select(Review.revision_id).where(Review.draft_id == draft_id, Review.state == ReviewState.APPROVED)
    return session.scalar(approved.order_by(Review.decided_at.desc(), Review.id.desc()).limit(1))


def approved_channels(session: Session, draft_id: str) -> list[str]:
    """The channels for which the draft was approved so far and that are still here."""
    approved = sa.select(Review.channel_ids).where(Review.draft_id == draft_id, Review.state == ReviewState.APPROVED)
    wanted = {channel_id for ids in session.scalars(approved) for channel_id in ids}
    return list(session.scalars(sa.select(Channel.id).where(Channel.id.in_(wanted)).order_by(Channel.name)))


def last_channels(session: Session, draft: Draft) -> list[str]:
    """Where the last piece of this kind went that was approved: by the same agent or by none, a digest or no digest."""
    same_kind = Draft.digest_id.is_(None) if draft.digest_id is None else Draft.digest_id.is_not(None)
    wish = sa.select(Review.channel_ids).join(Draft, Draft.id == Review.draft_id)
    wish = wish.where(Review.state == ReviewState.APPROVED, Review.correction == "", same_kind)
    wish = wish.where(Draft.agent_id.is_not_distinct_from(draft.agent_id))
    return session.scalar(wish.order_by(Review.decided_at.desc(), Review.id.desc()).limit(1)) or []


def queue(
    session: Session,
    state: ReviewState = ReviewState.OPEN,
    limit: int = 50,
    wish: Filter = EVERY,
    reader_id: str = "",
    is_theirs: bool = True,
) -> list[tuple[Review, Draft, Revision]]:
    """Reviews with what they are about. Of open ones, what has warnings comes first, then what waits longest; decided
    ones are newest first.

    With `reader_id`, only what still awaits this person; if not `is_theirs`, what they have approved and what waits for
    another person.
    """
    order = QUEUE if state == ReviewState.OPEN else (Review.decided_at.desc(), Review.id)
    found = (
        sa.select(Review, Draft, Revision)
        .join(Draft, Draft.id == Review.draft_id)
        .join(Revision, Revision.id == Review.revision_id)
        .where(Review.state == state, *wish.conditions(now(session)), *_awaiting(reader_id, is_theirs))
        .order_by(*order)
        .limit(limit)
    )
    return [(found, draft, revision) for found, draft, revision in session.execute(found)]


def _awaiting(reader_id: str, is_theirs: bool = True) -> Iterator[sa.ColumnElement[bool]]:
    """An open review that somebody has approved waits for another person: otherwise it would not be open."""
    given = sa.exists().where(ReviewApproval.review_id == Review.id, ReviewApproval.user_id == reader_id)
    if reader_id:
        yield ~given if is_theirs else given


def following(session: Session, review_id: str, reader_id: str = "") -> str | None:
    """The id of the open review to read after this one: the next in the queue, or the first if this was the last."""
    this = review(session, review_id)
    wish = (
        sa.select(Review.id)
        .join(Revision, Revision.id == Review.revision_id)
        .where(Review.state == ReviewState.OPEN, Review.id != review_id, *_awaiting(reader_id))
        .order_by(~_later(session, this), *QUEUE)
        .limit(1)
    )
    return session.scalar(wish)


def place(session: Session, review_id: str) -> tuple[int, int]:
    """Where an open review stands in the queue, from 1, and how long the queue is."""
    this, count = review(session, review_id), sa.func.count()
    earlier = sa.not_(sa.or_(_later(session, this), Review.id == review_id))
    wish = sa.select(count.filter(earlier), count).select_from(Review)
    joined = wish.join(Revision, Revision.id == Review.revision_id).where(Review.state == ReviewState.OPEN)
    before, total = session.execute(joined).one()
    return before + 1, total


def _later(session: Session, this: Review) -> sa.ColumnElement[bool]:
    """Whether a review comes after this one in the queue."""
    found = session.scalar(sa.select(TROUBLE).where(Revision.id == this.revision_id))
    mine = 2 if found is None else found
    same_time = sa.and_(Review.opened_at == this.opened_at, Review.id > this.id)
    return sa.or_(mine < TROUBLE, sa.and_(TROUBLE.in_([mine]), sa.or_(Review.opened_at > this.opened_at, same_time)))


def of_drafts(session: Session, draft_ids: Collection[str]) -> dict[str, str]:
    """The id of the newest review of each of these drafts that has one, by draft."""
    wish = sa.select(Review.draft_id, sa.func.max(Review.id)).where(Review.draft_id.in_(draft_ids))
    return dict(session.execute(wish.group_by(Review.draft_id)).all())


def approved_to_come(session: Session, limit: int = 20) -> list[tuple[Review, Draft]]:
    """Approvals that have not taken effect yet, the next one first."""
    wish = (
        sa.select(Review, Draft)
        .join(Draft, Draft.id == Review.draft_id)
        .where(Draft.state == DraftState.APPROVED, Review.state == ReviewState.APPROVED, Review.released_at.is_(None))
        .order_by(Review.due_at, Review.id)
        .limit(limit)
    )
    return [(found, draft) for found, draft in session.execute(wish)]


def languages(session: Session) -> tuple[str, ...]:
    """The languages of the texts that wait."""
    wish = sa.select(Revision.language).join(Review, Review.revision_id == Revision.id)
    found = session.scalars(wish.where(Review.state == ReviewState.OPEN).distinct().order_by(Revision.language))
    return tuple(found)


def waiting(session: Session, reader_id: str = "") -> int:
    """How many reviews are open; with `reader_id`, how many of them still await this person."""
    wish = sa.select(sa.func.count()).select_from(Review).where(Review.state == ReviewState.OPEN)
    wish = wish.where(*_awaiting(reader_id))
    return session.scalar(wish) or 0


def approved(session: Session, review_id: str) -> ApprovedPiece:
    """What this review lets out. Raises `ReviewNotFound`, or `ReviewNotApproved`."""
    row = review(session, review_id)
    if row.state != ReviewState.APPROVED or row.due_at is None:
        raise ReviewNotApproved(f"review {review_id} is {row.state.replace('_', ' ')}, so nothing may go out")
    return ApprovedPiece(row.id, row.draft_id, row.revision_id, row.content_sha256, tuple(row.channel_ids), row.due_at)
