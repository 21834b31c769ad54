"""Letters: handing some in, what each named and what became of that; and the door for mail services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile
from pydantic import BaseModel

from stonehand import config, db
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.sources.letters import forms, guarding, keeping, queries, service, signatures
from stonehand.sources.letters.errors import LetterUnreadable
from stonehand.sources.letters.keeping import Packed
from stonehand.sources.letters.schemas import LetterDetail, LetterOut, LettersTaken, LetterTaken
from stonehand.web.api.contract import Before, ById, JobRef, Limit, Page, page, problems
from stonehand.web.deps import Editor, Reader, public

router = APIRouter(tags=["letters"])
uploads = APIRouter(tags=["letters"])
mail_door = APIRouter(tags=["letters"])
"""These two take bodies that may hold any byte."""
MOST_FILES = 50
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
HEADERS = {"Content-Disposition": 'attachment; filename="letter.eml"', "X-Content-Type-Options": "nosniff"}


class MailTaken(BaseModel):
    """What came of a letter that a mail service sent. If it is not new, it came before."""

    letter_id: str
    is_new: bool
    job_id: str | None


@dataclass(frozen=True)
class Delivery:
    """What a mail service sent."""

    body: bytes
    media_type: str
    headers: dict[str, str]
    fields: dict[str, Any] = field(default_factory=dict)
    files: tuple[forms.File, ...] = ()

    def letter(self) -> bytes:
        """The letter in it. Raises `FormUnknown`."""
        if self.media_type in FORMS:
            return forms.of_fields(self.fields, self.files)
        return forms.of_json(self.body) if self.media_type.endswith("json") else self.body


async def delivered(request: Request) -> Delivery:
    """The request as it came; a form is taken apart, since one of the signatures stands in its fields."""
    body, headers = await request.body(), dict(request.headers)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in FORMS:
        return Delivery(body, media_type, headers)
    async with request.form(max_files=MOST_FILES, max_fields=300, max_part_size=guarding.LARGEST * 2) as form:
        fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
        uploads = [value for _, value in form.multi_items() if not isinstance(value, str)]
        files = [
            forms.File(each.filename or "", forms.part_type(each.content_type), await each.read()) for each in uploads
        ]
    return Delivery(body, media_type, headers, fields, tuple(files))


@mail_door.post(
    "/mail-in",
    status_code=202,
    dependencies=[public],
    responses=problems(413),
    summary="A letter from a mail service",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {name: {} for name in ("message/rfc822", "application/json", *FORMS)},
        }
    },
)
def mail_in(delivery: Annotated[Delivery, Depends(delivered)]) -> MailTaken:
    """Raw (`message/rfc822`), or in the JSON or form of a mail service, signed with `STONEHAND_MAIL_IN_SECRET`.

    It is kept and read by a job. The same letter again is no new one; a signature is good for five minutes.
    """
    with db.database().read() as session:
        moment = db.now(session)
    secret = config.settings().mail_in_secret.get_secret_value()
    proof = signatures.check(secret, delivery.headers, delivery.body, delivery.fields, moment)
    packed = keeping.pack(delivery.letter())
    with db.database().transaction() as session:
        if proof:
            keeping.prove(session, proof, packed.identity)
        (kept,), job_id = service.hand_in_and_read(session, [packed], "webhook")
    return MailTaken(letter_id=kept.letter_id, is_new=kept.is_new, job_id=job_id)


@uploads.post("/letters", status_code=202, responses=problems(413), summary="Hand in letters as files")
def hand_in(person: Editor, files: Annotated[list[UploadFile], File(description="Files as `.eml`.")]) -> LettersTaken:
    """Each is kept once and read by a job, which says what became of all that they name. A bad file harms no other."""
    looked_at = [(each.filename or "letter", pack(each.file.read(guarding.LARGEST + 1))) for each in files[:MOST_FILES]]
    with db.database().transaction() as session:
        return take(session, person, looked_at)


def pack(raw: bytes) -> Packed | LetterUnreadable:
    """A letter ready to be kept, or why it is refused."""
    try:
        return keeping.pack(raw)
    except LetterUnreadable as error:
        return error


def take(
    session: db.Session, person: Person, looked_at: Sequence[tuple[str, Packed | LetterUnreadable]]
) -> LettersTaken:
    """Keep those that can be, and say of each what came of it."""
    good = [each for _, each in looked_at if isinstance(each, Packed)]
    kept, job_id = service.hand_in_and_read(session, good, "upload") if good else ([], None)
    found = iter(kept)
    items = [_taken(name, each, found) for name, each in looked_at]
    new = [each.letter_id for each in kept if each.is_new]
    if new:
        accounts.record(session, person, "handed in", "letter", new[0], {"letters": len(new)})
    return LettersTaken(items=items, job_id=job_id, detail=_said(len(new), len(items)))


def _taken(name: str, looked_at: Packed | LetterUnreadable, found: Any) -> LetterTaken:
    if isinstance(looked_at, LetterUnreadable):
        return LetterTaken(name=name[:200], error=str(looked_at))
    kept = next(found)
    return LetterTaken(name=name[:200], letter_id=kept.letter_id, is_new=kept.is_new)


def _said(new: int, total: int) -> str:
    if not new:
        return "nothing new: each is here already, or is no letter"
    return f"{new} of {total} are new, and are read as soon as a worker is free"


@router.get("/letters", summary="Letters, the newest first")
def listing(
    person: Reader,
    state: Annotated[Literal["", "new", "read", "unreadable"], Query(description="Only those in this state.")] = "",
    before: Before = None,
    limit: Limit = 50,
) -> Page[LetterOut]:
    """Without what they named."""
    with db.database().read() as session:
        return page(queries.listing(session, limit + 1, before, state), limit, LetterOut.model_validate)


@router.get("/letters/{letter_id}", responses=problems(404), summary="One letter")
def one(letter_id: ById, person: Reader) -> LetterDetail:
    """With each thing that it named, and what became of it."""
    with db.database().read() as session:
        return LetterDetail.of(service.get(session, letter_id), queries.fates(session, [letter_id]))


@router.get(
    "/letters/{letter_id}/raw",
    response_class=Response,
    responses={200: {"content": {"message/rfc822": {}}}, **problems(404)},
    summary="A letter as it came",
)
def raw(letter_id: ById, person: Editor) -> Response:
    """Its bytes, for a mail program."""
    with db.database().read() as session:
        found = service.raw(session, letter_id)
    return Response(keeping.unpack(found.packed, found.size), media_type="message/rfc822", headers=HEADERS)


@router.post("/letters/{letter_id}/read", status_code=202, responses=problems(404), summary="Read a letter anew")
def read_again(letter_id: ById, person: Editor) -> JobRef:
    """What it named before stays named; what a better reader finds besides is new."""
    with db.database().transaction() as session:
        job_id = service.read_again(session, letter_id)
        accounts.record(session, person, "asked to read", "letter", letter_id, {"job_id": job_id})
    return JobRef(job_id=job_id, detail="the letter is read as soon as a worker is free")


@router.delete("/letters/{letter_id}", status_code=204, responses=problems(404), summary="Forget a letter")
def remove(letter_id: ById, person: Editor) -> None:
    """Its bytes and the list of what it named. Entries and articles that came of it stay."""
    with db.database().transaction() as session:
        service.remove(session, letter_id)
        accounts.record(session, person, "removed", "letter", letter_id)
