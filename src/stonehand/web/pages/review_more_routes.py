"""The review desk beyond single decisions: decisions about many, and comments."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from stonehand import db
from stonehand.reviews import bulk, queries, remarks
from stonehand.reviews.bulk import Decision
from stonehand.reviews.errors import CommentUnfit, DecisionUnfit
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import bulk_reading as reading
from stonehand.web.pages.review_filter import NarrowingForm
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/review", include_in_schema=False)
Words = Annotated[str, Form(max_length=10_000)]


@router.post("/bulk")
def decide_many(
    person: Editor,
    wish: NarrowingForm,
    channel: Annotated[list[str], Form(default_factory=list, max_length=100)],
    decision: Annotated[str, Form(max_length=20)] = "",
    note: Words = "",
) -> Response:
    """Decide about all that the filter finds: a few at once, many as a job."""
    try:
        with db.database().transaction() as session:
            made = bulk.ask(session, person, wish, Decision(decision, note, tuple(channel)))
            bulk_id, is_job = made.id, made.job_id is not None
    except DecisionUnfit as error:
        return flash.redirect("/review", Flash(_said(error), "bad"))
    if not is_job:
        bulk.run(db.database(), bulk_id, person)
    return flash.redirect(f"/review/bulk/{bulk_id}")


@router.get("/bulk/{bulk_id}")
def many(request: Request, bulk_id: ById, person: Reader) -> Response:
    """How far a decision about many is, and what was left alone."""
    return show(request, person, "reviews/bulk.html", lambda session: reading.view(session, bulk_id, person))


@router.post("/bulk/{bulk_id}/undo")
def undo_many(bulk_id: ById, person: Editor) -> Response:
    """Take all of it back, as far as it has not taken effect."""
    taken, late = bulk.undo(db.database(), bulk_id, person)
    words = f"Taken back: {taken}." + (f" For {late} it was too late." if late else "")
    return flash.redirect(f"/review/bulk/{bulk_id}", Flash(words, "bad" if late else "quiet"))


@router.post("/{review_id}/comments")
def comment(
    review_id: ById,
    person: Editor,
    body: Words = "",
    sentence: Words = "",
    answers: Annotated[str, Form(max_length=64)] = "",
    must: Annotated[bool, Form()] = False,
) -> Response:
    """Remark something, or answer a remark."""
    try:
        with db.database().transaction() as session:
            made = remarks.add(session, person, review_id, body, sentence=sentence, must=must, answers=answers or None)
            anchor = made.thread_id or made.id
    except CommentUnfit as error:
        return flash.redirect(f"/review/{review_id}", Flash(_said(error), "bad"))
    return flash.redirect(f"/review/{review_id}#c-{anchor}")


@router.post("/{review_id}/comments/{comment_id}/resolve")
def resolve(review_id: ById, comment_id: ById, person: Editor) -> Response:
    """Say that a remark is dealt with."""
    return _resolve(review_id, comment_id, person, True)


@router.post("/{review_id}/comments/{comment_id}/reopen")
def reopen(review_id: ById, comment_id: ById, person: Editor) -> Response:
    """Say that it is not after all."""
    return _resolve(review_id, comment_id, person, False)


def _resolve(review_id: str, comment_id: str, person: Editor, is_resolved: bool) -> Response:
    with db.database().transaction() as session:
        queries.review(session, review_id)
        remarks.resolve(session, person, comment_id, is_resolved)
    return flash.redirect(f"/review/{review_id}#c-{comment_id}")


def _said(error: Exception) -> str:
    words = str(error)
    return f"{words[:1].upper()}{words[1:]}."
