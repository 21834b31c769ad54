"""The pages of letters: which came, what each named, and handing some in."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import Response

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.errors import Rejected, Unavailable
from stonehand.sources import intake
from stonehand.sources import service as sources
from stonehand.sources.letters import guarding, service
from stonehand.sources.letters.schemas import LetterTaken
from stonehand.web import flash
from stonehand.web.api import letters as api
from stonehand.web.api.contract import ById
from stonehand.web.deps import Editor, Reader
from stonehand.web.flash import Flash
from stonehand.web.pages import letter_reading as reading
from stonehand.web.pages.letters import LettersView
from stonehand.web.pages.parts import Field
from stonehand.web.pages.showing import show
from stonehand.web.words import plural

router = APIRouter(prefix="/sources/letters", include_in_schema=False)
Words = Annotated[str, Form(max_length=300)]
Uploads = Annotated[list[UploadFile], File()]


@router.get("")
def index(
    request: Request,
    person: Reader,
    state: Annotated[Literal["", "new", "unreadable"], Query(alias="show")] = "",
    before: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """Letters, the newest first."""
    look = lambda session: reading.index(session, person, state, before)  # noqa: E731
    return show(request, person, "letters/index.html", look)


@router.post("")
def hand_in(request: Request, person: Editor, files: Uploads) -> Response:
    """Keep what was uploaded, and have it read. If none of it is a letter, the form says why."""
    looked_at = [(each.filename or "letter", api.pack(each.file.read(guarding.LARGEST + 1))) for each in files]
    with db.database().transaction() as session:
        taken = api.take(session, person, looked_at[: api.MOST_FILES])
    wrong = "; ".join(f"{each.name}: {each.error}" for each in taken.items if each.error)
    good = [each for each in taken.items if not each.error]
    if not good:

        def look(session: db.Session) -> LettersView:
            return replace(reading.index(session, person), files=Field("", f"{wrong}." if wrong else "choose a file"))

        return show(request, person, "letters/index.html", look, 422)
    new = sum(each.is_new for each in good)
    said = f"Took in {plural(new, 'letter')}." if new else "Nothing new: it is here already."
    return flash.redirect(
        _after(good), Flash(f"{said} Refused {wrong}." if wrong else said, "bad" if wrong else "good")
    )


def _after(good: list[LetterTaken]) -> str:
    return f"/sources/letters/{good[0].letter_id}" if len(good) == 1 else "/sources/letters"


@router.post("/mailbox")
def add_mailbox(
    request: Request,
    person: Editor,
    host: Words,
    user: Words,
    password: Annotated[str, Form(max_length=1000)],
    folder: Words = "INBOX",
    security: Annotated[Literal["tls", "starttls"], Form()] = "tls",
) -> Response:
    """Add a mailbox as a source, after a look at it; the password is sealed."""
    wish = {"user": user.strip(), "folder": folder.strip() or "INBOX", "security": security}
    try:
        found = intake.of_kind("imap", host, wish, password)
    except (Rejected, Unavailable) as error:
        wrong = Field(host, f"{error}.")

        def look(session: db.Session) -> LettersView:
            shown = reading.index(session, person)
            return replace(shown, host=wrong, user=Field(user), folder=Field(folder), security=security)

        return show(request, person, "letters/index.html", look, 422)
    with db.database().transaction() as session:
        added = sources.add(session, found)
        accounts.record(session, person, "added", "source", added.source_id, {"url": found.url})
    return flash.redirect(f"/sources/{added.source_id}", Flash(f"Added {found.title}; its letters are being taken in."))


@router.get("/{letter_id}")
def one(request: Request, letter_id: ById, person: Reader) -> Response:
    """A letter, and what became of all that it named."""
    return show(request, person, "letters/letter.html", lambda session: reading.one(session, person, letter_id))


@router.post("/{letter_id}/read")
def read_again(letter_id: ById, person: Editor) -> Response:
    """Read a letter anew, as a job."""
    with db.database().transaction() as session:
        job_id = service.read_again(session, letter_id)
        accounts.record(session, person, "asked to read", "letter", letter_id, {"job_id": job_id})
    return flash.redirect(f"/sources/letters/{letter_id}", Flash("The letter is read anew; what is in it shows here."))


@router.post("/{letter_id}/remove")
def remove(letter_id: ById, person: Editor) -> Response:
    """Forget a letter; articles stay."""
    with db.database().transaction() as session:
        subject = service.get(session, letter_id).subject
        service.remove(session, letter_id)
        accounts.record(session, person, "removed", "letter", letter_id)
    return flash.redirect("/sources/letters", Flash(f"Removed {subject or 'the letter'}. Its articles stay.", "quiet"))
