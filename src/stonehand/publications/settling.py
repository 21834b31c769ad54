"""When nobody can tell whether a correction or retraction happened: the target is asked for a while, then a person."""

from __future__ import annotations

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import OutcomeUnknown, Snooze
from stonehand.jobs import service as job_service
from stonehand.publications import changes, queries, reconciling, service
from stonehand.publications.errors import ChangeNotOpen
from stonehand.publications.events import ChangeDue
from stonehand.publications.models import PublicationChange
from stonehand.publications.states import ChangeState


def doubt(session: Session, change_id: str, reason: str, retry_after: float | None) -> Exception:
    """What to raise when a target does not say whether a change happened: ask again later, or ask a person."""
    mine, moment = changes.change(session, change_id), db.now(session)
    mine.doubt_since, mine.error = mine.doubt_since or moment, reason[: service.LONGEST_ERROR]
    wait = reconciling.until_asked_again(mine, moment, retry_after)
    if wait is None:
        return ask_a_person(session, change_id, reason)
    return Snooze(wait, f"nobody knows yet whether it happened: {reason}")


def ask_a_person(session: Session, change_id: str, reason: str) -> OutcomeUnknown:
    """Stop a change until a person has looked. Returns what to raise, which stops its job as well."""
    mine = changes.change(session, change_id)
    mine.state, mine.error = ChangeState.NEEDS_RECONCILE, reason[: service.LONGEST_ERROR]
    mine.doubt_since = mine.doubt_since or db.now(session)
    queries.publication(session, mine.publication_id).error = mine.error
    return OutcomeUnknown(reason)


def happened(session: Session, person: Person, change_id: str) -> None:
    """A person has looked, or has done it by hand: readers see the correction, or the piece no longer.

    Raises `PermissionMissing`, `ChangeNotOpen`.
    """
    mine = _open(session, person, change_id, (ChangeState.NEEDS_RECONCILE, ChangeState.FAILED))
    changes.finished(session, change_id, None, person)
    _tell(session, mine, f"{person.name or person.email} looked, and it has happened")


def missing(session: Session, person: Person, change_id: str) -> None:
    """A person has looked, and it has not happened: send it again. Raises `PermissionMissing`, `ChangeNotOpen`."""
    mine = _open(session, person, change_id, (ChangeState.NEEDS_RECONCILE,))
    mine.state, mine.error, mine.doubt_since, mine.notes = ChangeState.WAITING, None, None, {}
    accounts.record(session, person, f"sent again the {mine.kind} of", "publication", mine.publication_id)
    _tell(session, mine, f"{person.name or person.email} looked, and it had not happened")
    jobs.announce(session, ChangeDue(change_id), person.name or person.email)


def _open(session: Session, person: Person, change_id: str, states: tuple[ChangeState, ...]) -> PublicationChange:
    person.require("publish")
    mine = changes.change(session, change_id)
    if mine.state not in states:
        raise ChangeNotOpen(f"the {mine.kind} is {mine.state.replace('_', ' ')}; nobody needs to look for it")
    return mine


def _tell(session: Session, mine: PublicationChange, words: str) -> None:
    job_service.reconciled(session, f"{changes.TASK}:{mine.id}", words)
