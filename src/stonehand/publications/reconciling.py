"""When nobody can tell whether a piece arrived: the target is asked for a while, then a person is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.jobs import OutcomeUnknown, Snooze, doubts
from stonehand.jobs import service as job_service
from stonehand.publications import queries, service
from stonehand.publications.errors import AddressUnfit, PublicationNotInDoubt
from stonehand.publications.events import PublicationDue
from stonehand.publications.models import Publication, PublicationChange
from stonehand.publications.states import PublicationState

ASK_AGAIN = 15.0  # seconds between two questions to a target that says nothing


def remember(session: Session, publication_id: str, facts: Mapping[str, Any]) -> None:
    """Keep what a delivery has written down. To be called under the job's fence."""
    publication = queries.publication(session, publication_id)
    publication.notes = {**publication.notes, **facts}


def doubt(session: Session, publication_id: str, reason: str, retry_after: float | None) -> Exception:
    """What to raise when a target does not say whether a piece arrived: ask again later, or ask a person."""
    publication, moment = queries.publication(session, publication_id), db.now(session)
    publication.doubt_since = publication.doubt_since or moment
    publication.error = reason[: service.LONGEST_ERROR]
    wait = until_asked_again(publication, moment, retry_after)
    if wait is None:
        return ask_a_person(session, publication_id, reason)
    return Snooze(wait, f"nobody knows yet whether it arrived: {reason}")


def until_asked_again(
    doubted: Publication | PublicationChange, moment: datetime, retry_after: float | None
) -> float | None:
    """Seconds until the target is asked once more; None if a person has to look."""
    window, kept = config.settings().ambiguity_seconds, doubted.notes.get("asking", {})
    asking, wait = doubts.next_question(kept, moment, window, ASK_AGAIN, retry_after)
    doubted.notes = {**doubted.notes, "asking": asking}
    return wait


def ask_a_person(session: Session, publication_id: str, reason: str) -> OutcomeUnknown:
    """Stop a publication until a person has looked. Returns what to raise, which stops its job as well."""
    publication = queries.publication(session, publication_id)
    publication.state, publication.error = PublicationState.NEEDS_RECONCILE, reason[: service.LONGEST_ERROR]
    publication.doubt_since = publication.doubt_since or db.now(session)
    return OutcomeUnknown(reason)


def arrived(session: Session, person: Person, publication_id: str, url: str) -> None:
    """A person has seen the piece at this address. Raises `AddressUnfit`, `PublicationNotInDoubt`."""
    publication = _in_doubt(session, person, publication_id)
    publication.url, publication.published_at = _address(url), db.now(session)
    publication.state, publication.error, publication.doubt_since = PublicationState.PUBLISHED, None, None
    session.flush()
    service.tell(session, person, publication)
    job_service.reconciled(
        session, _job_of(publication_id), f"{person.name or person.email} found it at {publication.url}"
    )


def missing(session: Session, person: Person, publication_id: str) -> None:
    """A person has looked and it is not there: send it again, from the start. Raises `PublicationNotInDoubt`."""
    publication = _in_doubt(session, person, publication_id)
    publication.state, publication.error, publication.doubt_since = PublicationState.SCHEDULED, None, None
    publication.notes = {}
    accounts.record(session, person, "sent again", "publication", publication_id)
    job_service.reconciled(
        session, _job_of(publication_id), f"{person.name or person.email} looked, and it was not there"
    )
    jobs.announce(session, PublicationDue(publication_id))


def _in_doubt(session: Session, person: Person, publication_id: str) -> Publication:
    person.require("publish")
    mine = sa.select(Publication).where(Publication.id == publication_id).with_for_update(key_share=True)
    publication = session.scalar(mine) or queries.publication(session, publication_id)
    if publication.state != PublicationState.NEEDS_RECONCILE:
        raise PublicationNotInDoubt(f"{publication.title!r} is {publication.state}; nobody needs to look for it")
    return publication


def _address(given: str) -> str:
    try:
        parts = urlsplit(given.strip())
        fits = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits:
        raise AddressUnfit("give the address at which the piece can be seen, such as https://blog.example.org/a-piece")
    return given.strip()


def _job_of(publication_id: str) -> str:
    return f"publications.publish:{publication_id}"
