"""Dead letters: what failed for good, by what it died of; and what a person must look at."""

from __future__ import annotations

import json

from fastapi import APIRouter

from stonehand import db
from stonehand.accounts.permissions import Person
from stonehand.jobs import declaration
from stonehand.jobs.desk import deadletters, parameters
from stonehand.jobs.desk.bulk import Deed
from stonehand.jobs.schemas import JobOut
from stonehand.web import starting
from stonehand.web.api.contract import Before, ById, Limit, Page, page, problems, whole
from stonehand.web.api.job_shapes import BulkOut, LetterGroupOut, MendIn, ReasonIn
from stonehand.web.deps import Editor, Reader

router = APIRouter(prefix="/jobs/dead", tags=["dead_letters"])
Fingerprint = ById
GONE = problems(404)


@router.get("", summary="Dead letters by what they died of")
def groups(person: Reader) -> Page[LetterGroupOut]:
    """The latest trouble first, a hundred groups at most. `GET /jobs?fingerprint=...` lists the letters of one."""
    deadletters.sort_out(db.database())
    with db.database().read() as session:
        return whole([LetterGroupOut.of(group) for group in deadletters.groups(session)])


@router.get("/doubtful", summary="What may have happened outside")
def doubtful(person: Reader, before: Before = None, limit: Limit = 50) -> Page[JobOut]:
    """A person must say of each whether it did: `POST /jobs/{job_id}/reconcile`."""
    with db.database().read() as session:
        return page(deadletters.doubtful(session, before or "", limit + 1), limit, JobOut.of)


@router.get("/{fingerprint}", responses=GONE, summary="One group")
def group(fingerprint: Fingerprint, person: Reader) -> LetterGroupOut:
    """404 if none has this fingerprint any more."""
    with db.database().read() as session:
        return LetterGroupOut.of(deadletters.group(session, fingerprint))


@router.post("/{fingerprint}/retry", status_code=202, responses=GONE, summary="Run a group again")
def retry(fingerprint: Fingerprint, person: Editor) -> BulkOut:
    """All of them, with all their tries; of those that do the same work only the newest."""
    return act(person, fingerprint, Deed("retry", by=person.name))


@router.post("/{fingerprint}/resolve", status_code=202, responses=GONE, summary="Settle a group")
def resolve(fingerprint: Fingerprint, wish: ReasonIn, person: Editor) -> BulkOut:
    """Nothing is to be done about them any more."""
    return act(person, fingerprint, Deed("resolve", wish.reason, person.name))


@router.post("/{fingerprint}/fix", status_code=202, responses=GONE, summary="Run a group again with other arguments")
def fix(fingerprint: Fingerprint, wish: MendIn, person: Editor) -> BulkOut:
    """Arguments that are not named stay. They must be those that the task takes."""
    with db.database().read() as session:
        sample = deadletters.group(session, fingerprint).sample
        starting.check_things(session, wish.args)
    parameters.fitting(declaration.find(sample.task), {**sample.args, **wish.args})
    return act(person, fingerprint, Deed("mend", json.dumps(wish.args), person.name))


def act(person: Person, fingerprint: str, deed: Deed) -> BulkOut:
    """Do something to every letter of a group, which may become a job."""
    wish = deadletters.of_group(fingerprint)
    deed.check()
    with db.database().read() as session:
        meant = deadletters.group(session, fingerprint).count
    with db.database().transaction() as session:
        done, job_id = starting.many(session, person, wish, deed, meant)
    return BulkOut(meant=meant, changed=None if job_id else done, job_id=job_id)
