"""What a reader should see next, and what they say and do; and the link that ends their digests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.db import Session, new_id
from stonehand.errors import Conflict, NotFound, Rejected
from stonehand.mailings import unsubscribing
from stonehand.reading import digests, levelling, service
from stonehand.reading.counting import Event
from stonehand.reading.levels import QUESTIONS
from stonehand.reading.states import Deed, Difficulty, Less, Period, Phase
from stonehand.retention import erasing
from stonehand.web import flash, rendering
from stonehand.web.api import reading as api
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader, by_address
from stonehand.web.flash import Flash
from stonehand.web.pages import for_you_reading as reading
from stonehand.web.pages.chrome import NOBODY
from stonehand.web.pages.showing import show

router = APIRouter(include_in_schema=False)
Text = Annotated[str, Form(max_length=4000, pattern=r"^[^\x00]*$")]
Start = Annotated[int, Query(ge=0, le=100_000)]
DONE = {
    Deed.LIKE: "You like it.",
    Deed.SAVE: "Saved; is:bookmarked finds it in the library.",
    Deed.DISMISS: "It will not be recommended again.",
    Deed.RATE: "Your rating is kept.",
    Deed.SHARE: "Noted.",
    Deed.READ: "It counts as read.",
    Deed.VIEW: "Noted.",
    Deed.PROGRESS: "Noted.",
}


@router.get("/for-you")
def for_you(request: Request, person: Reader) -> Response:
    """What you should read next. The first visit asks for a list."""
    with db.database().read() as session:
        view = reading.for_you(session, person)
    if view.made_at is None:
        with db.database().transaction() as session:
            service.refresh(session, person.id, at_once=True)
    return show(request, person, "for_you/index.html", lambda _: view)


@router.get("/for-you/popular")
def popular(request: Request, person: Reader) -> Response:
    """What many read lately."""
    return show(request, person, "for_you/index.html", lambda session: reading.popular(session, person))


@router.get("/for-you/trending")
def trending(request: Request, person: Reader) -> Response:
    """What is read more than before."""
    return show(request, person, "for_you/index.html", lambda session: reading.trending(session, person))


@router.get("/for-you/progress")
def progress(request: Request, person: Reader, start: Start = 0) -> Response:
    """What you have read."""
    return show(request, person, "for_you/progress.html", lambda session: reading.progress(session, person, start))


@router.get("/for-you/preferences")
def preferences(request: Request, person: Reader) -> Response:
    """What you said of yourself."""
    return show(request, person, "for_you/preferences.html", lambda session: reading.preferences(session, person))


@router.post("/for-you/preferences")
def change_preferences(
    request: Request, person: Reader, topics: Text = "", languages: Text = "", digest: Text = ""
) -> Response:
    """Change it."""
    try:
        with db.database().transaction() as session:
            service.tell(session, person, topics.splitlines(), languages.replace(",", " ").split(), digest)
    except Rejected as error:
        said = _said(error)
        return show(
            request,
            person,
            "for_you/preferences.html",
            lambda session: reading.preferences(session, person, said),
            422,
        )
    return flash.redirect("/for-you/preferences", Flash("Kept. Your list is made anew."))


@router.get("/for-you/assessment")
def assessment(request: Request, person: Reader) -> Response:
    """The questions, and what your answers unlocked."""
    return show(request, person, "for_you/assessment.html", lambda session: reading.assessment(session, person))


async def _answers(request: Request) -> dict[str, int]:
    """What was chosen; -1 for what cannot be chosen."""
    form = await request.form()
    given = {each.key: str(form[each.key]) for each in QUESTIONS if each.key in form}
    return {key: int(value) if value in tuple("01234") else -1 for key, value in given.items()}


@router.post("/for-you/assessment")
def assess(request: Request, person: Reader, answers: Annotated[dict[str, int], Depends(_answers)]) -> Response:
    """Take the assessment."""
    try:
        with db.database().transaction() as session:
            service.assess(session, person, answers)
    except Rejected as error:
        said = _said(error)
        return show(
            request, person, "for_you/assessment.html", lambda session: reading.assessment(session, person, said), 422
        )
    return flash.redirect("/for-you/assessment", Flash("These are your scores, and what they unlock."))


@router.post("/for-you/deeds/{article_id}")
def do(article_id: ById, person: Reader, deed: Text, value: Text = "", back: Text = "") -> Response:
    """Like, save, rate or put away an article; for browsers without scripts, too."""
    target = back or f"/articles/{article_id}"
    if deed not in set(Deed) or (value and value not in tuple("012345")):
        return flash.redirect(target, Flash("That cannot be done with an article.", "bad"))
    return _deed(target, lambda session: _record(session, person, article_id, Deed(deed), value), DONE[Deed(deed)])


def _record(session: Session, person: Reader, article_id: str, deed: Deed, value: str) -> None:
    event = Event(new_id(), article_id, deed, int(value) if value else None)
    unknown = service.record(session, person, [event])[2]
    if unknown:
        raise NotFound(f"there is no article {article_id}; it may have been removed")


@router.post("/for-you/less")
def less(person: Reader, kind: Text, value: Text, back: Text = "") -> Response:
    """Want less of something."""
    target = back or "/for-you"
    if kind not in set(Less):
        return flash.redirect(target, Flash("There cannot be less of that.", "bad"))
    said = "Less of it from now on; take it back under Preferences."
    return _deed(target, lambda session: service.want_less(session, person, Less(kind), value), said)


@router.post("/for-you/again")
def again(person: Reader, kind: Text, value: Text) -> Response:
    """Take such a wish back."""
    if kind in set(Less):
        with db.database().transaction() as session:
            service.want_again(session, person, Less(kind), value)
    return flash.redirect("/for-you/preferences", Flash("Taken back.", "quiet"))


@router.post("/for-you/refresh")
def refresh(person: Reader) -> Response:
    """Make the list anew now."""
    with db.database().transaction() as session:
        service.refresh(session, person.id, at_once=True)
    return flash.redirect("/for-you", Flash("Your list is made anew; look again in a moment.", "quiet"))


@router.get("/for-you/export")
def export(person: Reader) -> Response:
    """Everything that is kept of you."""
    return api.exported(person)


@router.post("/for-you/forget")
def forget(person: Reader) -> Response:
    """Forget what you did and said as a reader."""
    with db.database().transaction() as session:
        rows = erasing.reader(session, person.id)
        accounts.record(session, person, "forgot", "reader", person.id, {"rows": rows})
    return flash.redirect("/for-you/preferences", Flash("Everything that you did and said as a reader is gone."))


@router.post("/for-you/levels/{article_id}")
def set_level(article_id: ById, person: Editor, phase: Text = "", difficulty: Text = "") -> Response:
    """Say of which level an article is; without a phase and a difficulty, let the rubric say it."""
    target = f"/articles/{article_id}"
    if not phase and not difficulty:
        undo = lambda session: levelling.clear_level(session, person, article_id)  # noqa: E731
        return _deed(target, undo, "Its level is what the rubric says, if it says one.")
    if phase not in set(Phase) or difficulty not in set(Difficulty):
        return flash.redirect(target, Flash("Choose a phase and a difficulty.", "bad"))
    deed = lambda session: levelling.set_level(session, person, article_id, Phase(phase), Difficulty(difficulty))  # noqa: E731
    return _deed(target, deed, "Its level is kept, for everybody.")


@router.get("/for-you/digests")
def all_digests(request: Request, person: Reader) -> Response:
    """The latest digests."""
    return show(request, person, "for_you/digests.html", lambda session: reading.digests(session, person))


@router.post("/for-you/digests")
def make_digest(person: Editor, period: Text = "daily") -> Response:
    """Make a digest now."""
    if period not in set(Period):
        return flash.redirect("/for-you/digests", Flash("A digest is daily or weekly.", "bad"))

    def deed(session: Session) -> None:
        found = digests.choose(session, Period(period))
        accounts.record(session, person, "made", "digest", found.id, {"period": period, "issue": found.issue})

    return _deed("/for-you/digests", deed, "It is being written, and will wait on the review desk.")


def _deed(target: str, deed: Callable[[Session], object], said: str) -> Response:
    try:
        with db.database().transaction() as session:
            deed(session)
    except (Rejected, Conflict, NotFound) as error:
        return flash.redirect(target, Flash(_said(error), "bad"))
    return flash.redirect(target, Flash(said))


def _said(error: Exception) -> str:
    return f"{str(error)[:1].upper()}{str(error)[1:]}."


# ── ending digests, by a letter's link ──


@router.get("/unsubscribe/{secret}", dependencies=[by_address])
def ask_to_end(request: Request, secret: str) -> Response:
    """Asks once: programs that look at links must not end anything."""
    return _unsubscribe(request, secret, ends=False)


@router.post("/unsubscribe/{secret}", dependencies=[by_address])
def end(request: Request, secret: str) -> Response:
    """Ends a reader's digests; a mail program may post here by itself (RFC 8058)."""
    return _unsubscribe(request, secret, ends=True)


def _unsubscribe(request: Request, secret: str, ends: bool) -> Response:
    user_id = unsubscribing.reader(secret[:1000])
    if ends:
        with db.database().transaction() as session:
            service.unsubscribe(session, user_id)
    with db.database().read() as session:
        view = reading.unsubscribe(session, f"/unsubscribe/{secret}", user_id, ends)
    return rendering.page(request, "for_you/unsubscribe.html", view, NOBODY)
