"""The review desk: reading the queue and one draft, and deciding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.drafts import queries as drafts
from stonehand.drafts import service as drafting
from stonehand.drafts.errors import DraftBusy, RevisionOutdated, TextUnacceptable
from stonehand.jobs.errors import TimetableInvalid
from stonehand.publications import timed
from stonehand.reviews import queries, service, undoing
from stonehand.reviews.errors import (
    ChannelUnusable,
    CommentsUnresolved,
    ReviewDecided,
    SentencesUnsupported,
    UndoTooLate,
)
from stonehand.reviews.models import Review, ReviewState
from stonehand.timing import cadences, moments
from stonehand.timing.errors import TimeUnfit
from stonehand.web import flash
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Publisher, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import review_reading as reading
from stonehand.web.pages.parts import Field
from stonehand.web.pages.review_filter import Narrowing
from stonehand.web.pages.review_reading import Sent
from stonehand.web.pages.reviews import Editing, ReviewView
from stonehand.web.pages.showing import show

router = APIRouter(prefix="/review", include_in_schema=False)
LONGEST = 200_000  # characters of a form's field that are read; the rooms have limits of their own
Words = Annotated[str, Form(max_length=LONGEST)]


@router.get("")
def queue(
    request: Request,
    person: Reader,
    wish: Narrowing,
    state: Annotated[ReviewState, Query(alias="show")] = ReviewState.OPEN,
) -> Response:
    """What waits for a decision, or what was decided."""
    return show(request, person, "reviews/index.html", lambda session: reading.queue(session, state, person, wish))


@router.get("/{review_id}")
def review(request: Request, review_id: ById, person: Reader) -> Response:
    """One draft, every sentence beside its source."""
    with db.database().read() as session:
        newer = queries.review(session, review_id).superseded_by
    if newer:
        said = Flash("Somebody has changed the text meanwhile; this is the newest revision.", "quiet")
        return flash.redirect(f"/review/{newer}", said)
    return _page(request, review_id, person)


@router.post("/{review_id}/approve")
def approve(
    request: Request,
    review_id: ById,
    person: Publisher,
    channel: Annotated[list[str], Form(default_factory=list, max_length=100)],
    accept_unsupported: Annotated[bool, Form()] = False,
    due: Annotated[str, Form(max_length=40)] = "",
    zone: Annotated[str, Form(max_length=60)] = "",
) -> Response:
    """Let the text out through the chosen channels, now or at a time; sentences without a source take a tick."""
    if not channel:
        words = "Not approved: choose at least one channel for it to go to."
        sent = Sent(refusal=words, channels=frozenset(), due=due, zone=zone)
        return _page(request, review_id, person, sent, 422)
    try:
        with db.database().transaction() as session:
            found = _approve(session, review_id, person, channel, accept_unsupported, (due, zone))
            is_enough = found.state == ReviewState.APPROVED
            target = reading.next_href(session, review_id, "/review", person.id)
            title = drafts.revision(session, queries.review(session, review_id).revision_id).title
    except (SentencesUnsupported, ChannelUnusable, CommentsUnresolved, TimeUnfit, TimetableInvalid) as error:
        sent = Sent(refusal=f"Not approved: {error}.", channels=frozenset(channel), due=due, zone=zone)
        return _page(request, review_id, person, sent, error.status)
    except ReviewDecided as error:
        return _decided(review_id, error)
    if not is_enough:
        said = f"Your approval of “{title}” counts. It goes out once another person has approved it as well."
        return flash.redirect(target, Flash(said, "quiet", undo=f"/review/{review_id}/undo"))
    seconds = int(service.TIME_TO_UNDO.total_seconds())
    when = f"at {due.replace('T', ' ')} ({zone})" if due.strip() else f"in {seconds} seconds"
    said = f"Approved: “{title}”. It goes out {when}."
    return flash.redirect(target, Flash(said, undo=f"/review/{review_id}/undo", seconds=seconds))


def _approve(
    session: db.Session,
    review_id: str,
    person: Person,
    channel: list[str],
    accept_unsupported: bool,
    when: tuple[str, str],
) -> Review:
    due, zone = when
    if not due.strip():
        return service.approve(session, review_id, person, channel, accept_unsupported=accept_unsupported)
    zone = zone or cadences.usual_zone(session)
    moment = moments.read(due, zone)
    return timed.approve(session, person, review_id, channel, moment, zone, accept_unsupported=accept_unsupported)


@router.post("/{review_id}/undo")
def undo(review_id: ById, person: Editor) -> Response:
    """Take a decision back, while there is time."""
    try:
        with db.database().transaction() as session:
            undoing.undo(session, review_id, person)
    except (UndoTooLate, ReviewDecided) as error:
        return _decided(review_id, error)
    return flash.redirect(f"/review/{review_id}", Flash("Taken back. It waits for a decision again.", "quiet"))


@router.post("/{review_id}/changes")
def changes(request: Request, review_id: ById, person: Editor, reason: Words = "") -> Response:
    """Send the draft back with a note."""
    if not reason.strip():
        sent = Sent(reason=Field(reason, "Say what should change; whoever writes the next revision reads it."))
        return _page(request, review_id, person, sent, 422)

    def ask(session: db.Session) -> str:
        service.request_changes(session, review_id, person, reason.strip())
        return "Sent back with your note."

    return _decide(review_id, ask, undo=True)


@router.post("/{review_id}/reject")
def reject(review_id: ById, person: Editor, reason: Words = "") -> Response:
    """Decide that the draft will not go out."""

    def refuse(session: db.Session) -> str:
        service.reject(session, review_id, person, reason.strip())
        return "Rejected. It will not go out."

    return _decide(review_id, refuse, undo=True)


@router.post("/{review_id}/rewrite")
def rewrite(review_id: ById, person: Editor) -> Response:
    """Have a draft that was sent back written again."""
    try:
        with db.database().transaction() as session:
            draft_id = queries.review(session, review_id).draft_id
            drafting.rewrite(session, draft_id)
            accounts.record(session, person, "asked to rewrite", "draft", draft_id)
    except DraftBusy as error:
        return _decided(review_id, error)
    return flash.redirect("/review", Flash("It is being written again, and comes back here.", "quiet"))


def _decide(review_id: str, verdict: Callable[[db.Session], str], *, undo: bool = False) -> RedirectResponse:
    try:
        with db.database().transaction() as session:
            words = verdict(session)
            target = reading.next_href(session, review_id, "/review")
    except ReviewDecided as error:
        return _decided(review_id, error)
    return flash.redirect(target, Flash(words, "quiet", f"/review/{review_id}/undo" if undo else ""))


def _decided(review_id: str, error: Exception) -> RedirectResponse:
    words = str(error)
    return flash.redirect(f"/review/{review_id}", Flash(f"{words[0].upper()}{words[1:]}.", "bad"))


@router.post("/{review_id}/edit")
def edit(
    request: Request,
    review_id: ById,
    person: Editor,
    text: Words = "",
    title: Words = "",
    expected: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Keep a person's text as the next revision. What cannot be kept is shown again, with the reason."""
    try:
        with db.database().transaction() as session:
            newer = service.revise(session, review_id, person, text, expected, title)
    except RevisionOutdated:
        return _outdated(request, review_id, person, title, text)
    except (TextUnacceptable, DraftBusy) as error:
        sent = Sent(editing=Editing(title, text, expected, f"Not saved: {error}."))
        return _page(request, review_id, person, sent, error.status)
    if newer == review_id:
        return flash.redirect(f"/review/{review_id}", Flash("Nothing was changed.", "quiet"))
    return flash.redirect(f"/review/{newer}", Flash("Saved. Every sentence was matched with its sources again."))


def _outdated(request: Request, review_id: str, person: Person, title: str, text: str) -> Response:
    with db.database().read() as session:
        draft = drafts.draft(session, queries.review(session, review_id).draft_id)
        newest = drafts.revision(session, draft.current_revision_id or "")
        current = queries.of_draft(session, draft.id)[0].id
    error = (
        f"Not saved yet: revision {newest.number} was saved while you wrote. Nothing of yours is lost: your text is in "
        "the field. Take over what you want to keep of the other one, then save."
    )
    sent = Sent(editing=Editing(title, text, newest.id, error, newest.markdown))
    return _page(request, current, person, sent, 409)


def _page(
    request: Request, review_id: str, person: Person, sent: Sent = reading.NOTHING_SENT, status: int = 200
) -> Response:
    def look(session: db.Session) -> ReviewView:
        return reading.review(session, review_id, person, sent)

    return show(request, person, "reviews/review.html", look, status)
