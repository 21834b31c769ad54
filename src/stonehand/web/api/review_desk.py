"""The review desk beyond single decisions: comments, who has approved, decisions about many, the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from stonehand import db
from stonehand.accounts import queries as accounts
from stonehand.publications import queries as publications
from stonehand.reviews import bulk, queries, remarks, votes
from stonehand.reviews.bulk import Decision
from stonehand.reviews.filters import Filter
from stonehand.reviews.schemas import ApprovalOut, BulkIn, BulkOut, CommentIn, CommentOut, FilterIn, ResolveIn
from stonehand.web.api.contract import ById, Page, problems, whole
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/reviews", tags=["reviews"])


class CountOut(BaseModel):
    """How many reviews a filter finds."""

    count: int


class TakenBackOut(BaseModel):
    """How many decisions were taken back, and for how many it was too late."""

    taken_back: int
    too_late: int


class TrailOut(BaseModel):
    """Something that was done to a draft, its reviews or its publications."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    actor_name: str
    verb: str
    object_kind: str
    object_id: str
    detail: dict[str, Any]


@router.post("/bulk/count", summary="How many reviews a filter finds")
def count(wish: FilterIn, person: Editor) -> CountOut:
    """Open ones."""
    with db.database().read() as session:
        return CountOut(count=bulk.count(session, Filter(**wish.model_dump())))


@router.post("/bulk", status_code=202, summary="Decide about many at once")
def decide_many(wish: BulkIn, person: Editor) -> BulkOut:
    """About up to 20 at once; more are a job. Texts with sentences without a source are left alone, and listed."""
    decision = Decision(wish.decision, wish.note, tuple(wish.channel_ids))
    with db.database().transaction() as session:
        made = bulk.ask(session, person, Filter(**wish.which.model_dump()), decision)
        bulk_id, is_job = made.id, made.job_id is not None
    if not is_job:
        bulk.run(db.database(), bulk_id, person)
    return many(bulk_id, person)


@router.get("/bulk/{bulk_id}", responses=problems(404), summary="How far a decision about many is")
def many(bulk_id: ById, person: Reader) -> BulkOut:
    """With what was left alone, and why."""
    with db.database().read() as session:
        return BulkOut.model_validate(bulk.bulk(session, bulk_id))


@router.post("/bulk/{bulk_id}/undo", responses=problems(404), summary="Take a decision about many back")
def undo_many(bulk_id: ById, person: Editor) -> TakenBackOut:
    """As far as it has not taken effect: an approval has 60 seconds."""
    taken, late = bulk.undo(db.database(), bulk_id, person)
    return TakenBackOut(taken_back=taken, too_late=late)


@router.get("/{review_id}/approvals", responses=problems(404), summary="Who has approved so far")
def approvals(review_id: ById, person: Reader) -> Page[ApprovalOut]:
    """Some channels need another person than the writer, or two."""
    with db.database().read() as session:
        queries.review(session, review_id)
        return whole([ApprovalOut.model_validate(each) for each in votes.of_review(session, review_id)])


@router.get("/{review_id}/comments", responses=problems(404), summary="What was remarked about a draft")
def comments(review_id: ById, person: Reader) -> Page[CommentOut]:
    """Also about its earlier revisions, the oldest first."""
    with db.database().read() as session:
        found = remarks.of_draft(session, queries.review(session, review_id).draft_id)
        return whole([CommentOut.model_validate(each) for each in found])


@router.post("/{review_id}/comments", status_code=201, responses=problems(404), summary="Remark something")
def comment(review_id: ById, wish: CommentIn, person: Editor) -> CommentOut:
    """One that `must` be dealt with holds up the approval until it is resolved."""
    with db.database().transaction() as session:
        made = remarks.add(
            session, person, review_id, wish.body, sentence=wish.sentence, must=wish.must, answers=wish.answers
        )
        return CommentOut.model_validate(made)


@router.post("/comments/{comment_id}/resolve", responses=problems(404), summary="Say that a thread is dealt with")
def resolve(comment_id: ById, wish: ResolveIn, person: Editor) -> CommentOut:
    """Or that it is not after all."""
    with db.database().transaction() as session:
        return CommentOut.model_validate(remarks.resolve(session, person, comment_id, wish.is_resolved))


@router.get("/{review_id}/trail", responses=problems(404), summary="Who did what to a draft")
def trail(review_id: ById, person: Reader) -> Page[TrailOut]:
    """To it, its reviews and its publications, the newest first."""
    with db.database().read() as session:
        draft_id = queries.review(session, review_id).draft_id
        ids = [draft_id, *(each.id for each in queries.of_draft(session, draft_id))]
        ids += [each.id for each in publications.of_draft(session, draft_id)]
        return whole([TrailOut.model_validate(each) for each in accounts.audit_of(session, ids)])
