"""Digests: making one, and where its letters are."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict

from stonehand import db
from stonehand.accounts import service as accounts
from stonehand.drafts import queries as drafts
from stonehand.mailings import queries as mailings
from stonehand.mailings import service as mailing
from stonehand.reading import digests, queries
from stonehand.reading.schemas import DigestOut
from stonehand.reading.states import Period
from stonehand.web.api.contract import Before, ById, Limit, Page, Wish, page, problems
from stonehand.web.deps import Editor, Publisher, Reader

router = APIRouter(prefix="/digests", tags=["digests"])


class DigestIn(Wish):
    """Which digest to make."""

    period: Period


class DigestDetail(DigestOut):
    """A digest, its draft once it was commissioned, and how many letters of it are in each state."""

    draft_id: str | None
    mails: dict[str, int]


class MailOut(BaseModel):
    """A letter of a digest to a reader."""

    model_config = ConfigDict(from_attributes=True)

    user_id: str
    state: str
    error: str
    updated_at: datetime


@router.get("", summary="Digests, the newest first")
def listing(_person: Reader, before: Before = None, limit: Limit = 20) -> Page[DigestOut]:
    """With the stories that were chosen."""
    with db.database().read() as session:
        return page(queries.digests(session, limit + 1, before), limit, DigestOut.model_validate)


@router.post("", status_code=202, responses=problems(409), summary="Make a digest now")
def make(wish: DigestIn, person: Editor) -> DigestOut:
    """It is drafted with citations and waits on the review desk; approved, it goes to the readers who asked for it.

    There is one digest of each day and week; asked again, it is the same.
    """
    with db.database().transaction() as session:
        found = digests.choose(session, wish.period)
        accounts.record(session, person, "made", "digest", found.id, {"period": wish.period, "issue": found.issue})
        return DigestOut.model_validate(found)


@router.get("/{digest_id}", responses=problems(404), summary="One digest")
def one(digest_id: ById, _person: Reader) -> DigestDetail:
    """And what became of it."""
    with db.database().read() as session:
        found, draft = queries.digest(session, digest_id), drafts.of_digest(session, digest_id)
        mails = mailings.counts(session, [digest_id])[digest_id]
        shape = DigestOut.model_validate(found).model_dump()
    return DigestDetail(**shape, draft_id=draft.id if draft else None, mails=mails)


@router.get("/{digest_id}/mails", responses=problems(404), summary="The letters of a digest")
def mails(
    digest_id: ById,
    _person: Publisher,
    after: Annotated[str, Query(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")] = "",
    limit: Limit = 50,
) -> Page[MailOut]:
    """By reader; `next` goes into `after`."""
    with db.database().read() as session:
        queries.digest(session, digest_id)
        rows = mailings.mails(session, digest_id, limit + 1, after)
    shown = rows[:limit]
    following = shown[-1].user_id if len(rows) > limit else None
    return Page(items=[MailOut.model_validate(row) for row in shown], next=following, limit=limit)


@router.post("/{digest_id}/mails/{user_id}/send-again", responses=problems(404, 409), summary="Send a letter again")
def send_again(digest_id: ById, user_id: ById, person: Publisher) -> MailOut:
    """One that failed, or that is unclear and that the reader says they do not have."""
    with db.database().transaction() as session:
        mailing.send_again(session, person, digest_id, user_id)
        return MailOut.model_validate(mailings.mail(session, digest_id, user_id))
