"""Reviews: a person decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from stonehand import db
from stonehand.agents import destinations
from stonehand.drafts.schemas import DraftOut
from stonehand.publications import timed
from stonehand.reviews import queries, service, undoing
from stonehand.reviews.models import ReviewState
from stonehand.reviews.schemas import ApproveIn, NoteIn, ReviewOut
from stonehand.timing import cadences, moments
from stonehand.web.api.contract import ById, Limit, Page, problems
from stonehand.web.deps import Editor, Publisher, Reader

router = APIRouter(prefix="/reviews", tags=["reviews"])
State = Annotated[ReviewState, Query(description="Open ones wait longest first; decided ones are newest first.")]
LATEST = timedelta(days=366)


class ApprovalIn(ApproveIn):
    """An approval. It takes effect at `due_at`, or in ten seconds; until then it can be taken back."""

    due_at: AwareDatetime | None = Field(default=None, description="At most a year away; a time in the past is now.")
    scheduled_at: str = Field(
        default="",
        max_length=40,
        description="When it goes out, such as `2026-12-01T09:00`; it can be moved until then. Not with `due_at`.",
    )
    timezone: str = Field(default="", max_length=60, description="An IANA zone for a `scheduled_at` that names none.")

    @model_validator(mode="after")
    def _has_one_time(self) -> ApprovalIn:
        if self.due_at and self.scheduled_at:
            raise ValueError("name `scheduled_at`, at which it goes out, or `due_at`, until which you may change it")
        return self


class QueuedOut(BaseModel):
    """A review and the draft it is about."""

    review: ReviewOut
    draft: DraftOut
    excerpt: str


@router.get("", summary="What waits for a decision")
def queue(person: Reader, state: State = ReviewState.OPEN, limit: Limit = 50) -> Page[QueuedOut]:
    """Or what was decided."""
    with db.database().read() as session:
        rows = queries.queue(session, state, limit)
        items = [
            QueuedOut(
                review=ReviewOut.model_validate(review),
                draft=DraftOut.model_validate(draft),
                excerpt=revision.excerpt,
            )
            for review, draft, revision in rows
        ]
    return Page(items=items, next=None, limit=limit)


@router.get("/{review_id}", responses=problems(404), summary="One review")
def one(review_id: ById, person: Reader) -> ReviewOut:
    """`GET /drafts/{draft_id}` has the text and its sources."""
    with db.database().read() as session:
        return ReviewOut.model_validate(queries.review(session, review_id))


@router.post("/{review_id}/approve", responses=problems(404, 409), summary="Let a text out")
def approve(review_id: ById, wish: ApprovalIn, person: Publisher) -> ReviewOut:
    """Exactly the text of this review's revision. Sentences without a source must be accepted on purpose."""
    with db.database().transaction() as session:
        chosen = destinations.chosen(session, review_id, wish.channel_ids)
        more: dict[str, Any] = {"accept_unsupported": wish.accept_unsupported, "note": wish.note}
        if wish.scheduled_at.strip():
            zone = wish.timezone or cadences.usual_zone(session)
            moment = moments.read(wish.scheduled_at, zone)
            return ReviewOut.model_validate(timed.approve(session, person, review_id, chosen, moment, zone, **more))
        wait = _wait(wish.due_at, db.now(session))
        return ReviewOut.model_validate(service.approve(session, review_id, person, chosen, time_to_undo=wait, **more))


def _wait(due_at: datetime | None, now: datetime) -> timedelta:
    if due_at is None:
        return service.TIME_TO_UNDO
    return min(max(due_at - now, service.TIME_TO_UNDO), LATEST)


@router.post("/{review_id}/undo", responses=problems(404, 409), summary="Take a decision back")
def undo(review_id: ById, person: Editor) -> ReviewOut:
    """An approval as long as it has not taken effect; another decision as long as nothing has come of it."""
    with db.database().transaction() as session:
        return ReviewOut.model_validate(undoing.undo(session, review_id, person))


@router.post("/{review_id}/request-changes", responses=problems(404, 409), summary="Send a draft back")
def request_changes(review_id: ById, wish: NoteIn, person: Editor) -> ReviewOut:
    """With a note that says what to change."""
    with db.database().transaction() as session:
        return ReviewOut.model_validate(service.request_changes(session, review_id, person, wish.note))


@router.post("/{review_id}/reject", responses=problems(404, 409), summary="Decide that a draft will not go out")
def reject(review_id: ById, wish: NoteIn, person: Editor) -> ReviewOut:
    """For good."""
    with db.database().transaction() as session:
        return ReviewOut.model_validate(service.reject(session, review_id, person, wish.note))
