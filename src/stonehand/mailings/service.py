"""The verbs of mailings. A letter that the mail server may have is never handed over again by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

import sqlalchemy as sa

from stonehand import config, db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.db import Session
from stonehand.drafts import queries as drafts
from stonehand.http_client.mail import Relay
from stonehand.jobs.errors import OutcomeUnknown
from stonehand.mailings import letters, queries, unsubscribing
from stonehand.mailings.errors import MailBusy, NoMailServer
from stonehand.mailings.letters import Issue, Reader
from stonehand.mailings.models import DigestMail, MailState
from stonehand.publications import approvals
from stonehand.reading import digests
from stonehand.reading import queries as reading
from stonehand.reading.digests import Subscriber
from stonehand.reading.models import Digest
from stonehand.reading.states import Period
from stonehand.reviews import queries as reviews

AGAIN = (MailState.FAILED, MailState.UNCLEAR, MailState.SENDING)


@dataclass(frozen=True)
class Ready:
    """A letter and the server that takes it."""

    letter: EmailMessage
    relay: Relay


def digest_of(session: Session, review_id: str) -> Digest | None:
    """The digest that a review approved; None if it was about something else."""
    draft = drafts.draft(session, reviews.review(session, review_id).draft_id)
    return reading.digest(session, draft.digest_id) if draft.digest_id else None


def no_server() -> str:
    """Why no digest can be sent; empty if one can."""
    return "" if config.settings().smtp_host else f"no mail server is set: {config.PREFIX}SMTP_HOST"


def unsendable(digest: Digest) -> str:
    """Why nobody gets this one by mail; empty if they do."""
    return "it tells of the sample newsroom, which is invented" if digest.is_sample else no_server()


def address(session: Session, digest: Digest, review_id: str, readers: Sequence[Subscriber]) -> int:
    """Address a digest to these readers, each once however often it is asked. Returns how many are new."""
    moment = db.now(session)
    facts = {"digest_id": digest.id, "review_id": review_id, "state": MailState.WAITING, "error": ""}
    times = {"created_at": moment, "updated_at": moment}
    rows = [facts | times | {"user_id": reader.user_id} for reader in readers]
    if not rows:
        return 0
    insert = db.insert(session, DigestMail).values(rows).on_conflict_do_nothing()
    addressed = session.scalars(insert.returning(DigestMail.user_id)).all()
    new = [{"digest_id": digest.id, "user_id": user_id} for user_id in addressed]
    jobs.enqueue_many(session, "mailings.send", new, unique="mailings.send:{digest_id}:{user_id}")
    return len(new)


def prepare(session: Session, digest_id: str, user_id: str) -> Ready | None:
    """The letter, if it is to be sent; None if it was, or is not wanted any more.

    Raises `OutcomeUnknown` if the mail server may have it, `NoMailServer`, `ContentNotApproved`, `MailNotFound`,
    and `Stopped` while everything is stopped.
    """
    brakes.check(session)
    mail, digest = queries.mail(session, digest_id, user_id), reading.digest(session, digest_id)
    if mail.state in (MailState.SENDING, MailState.UNCLEAR):
        raise OutcomeUnknown(
            f"the mail server may have the letter to {user_id} already; ask the reader, then send it again with: "
            f"stonehand digest resend {digest_id} {user_id}"
        )
    reader = digests.subscriber(session, Period(digest.period), user_id)
    if mail.state != MailState.WAITING or reader is None:
        return None
    text, settings = approvals.approved(session, mail.review_id), config.settings()
    if not settings.smtp_host:
        raise NoMailServer(f"no mail server is set: {config.PREFIX}SMTP_HOST", 600)
    issue = Issue(digest.id, text.title, text.markdown, text.label, text.language)
    sender = settings.digest_email_from or settings.alert_email_from or f"stonehand@{settings.smtp_host}"
    to, end = Reader(user_id, reader.email, reader.name), unsubscribing.address(user_id)
    return Ready(letters.write(issue, to, sender, end, db.now(session)), _relay())


def _relay() -> Relay:
    given = config.settings()
    password = given.smtp_password.get_secret_value()
    return Relay(given.smtp_host, given.smtp_port, given.smtp_security, given.smtp_user, password)


def move(session: Session, digest_id: str, user_id: str, start: MailState, to: MailState, error: str = "") -> bool:
    """Bring a letter from one state into another; whether it was in that state."""
    mine = (DigestMail.digest_id == digest_id, DigestMail.user_id == user_id, DigestMail.state == start)
    values = {"state": to, "error": error[:500], "updated_at": db.now(session)}
    return session.scalar(sa.update(DigestMail).where(*mine).values(values).returning(DigestMail.user_id)) is not None


def forget(session: Session, user_id: str) -> int:
    """Forget which digests were sent to a reader. Returns how many."""
    gone = sa.delete(DigestMail).where(DigestMail.user_id == user_id).returning(DigestMail.digest_id)
    return len(session.scalars(gone).all())


def send_again(session: Session, person: Person, digest_id: str, user_id: str) -> None:
    """Send a letter that failed, or of which a person says that it did not arrive. Raises `MailBusy`, ..."""
    person.require("publish")
    mail = queries.mail(session, digest_id, user_id)
    if mail.state not in AGAIN:
        raise MailBusy(f"the letter is {mail.state}; only one that failed or is unclear can be sent again")
    move(session, digest_id, user_id, MailState(mail.state), MailState.WAITING)
    accounts.record(session, person, "sent again", "digest", digest_id, {"user_id": user_id})
    wish = {"digest_id": digest_id, "user_id": user_id}
    jobs.enqueue(session, "mailings.send", wish, unique_key=f"mailings.send:{digest_id}:{user_id}")
