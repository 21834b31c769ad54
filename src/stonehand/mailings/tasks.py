"""Jobs of mailings."""

from __future__ import annotations

from stonehand.brakes import queries as brakes
from stonehand.brakes.errors import Stopped
from stonehand.errors import Rejected, Unavailable
from stonehand.http_client import mail
from stonehand.http_client.mail import HandoverUnclear
from stonehand.jobs import Attempt, OutcomeUnknown, task
from stonehand.mailings import service
from stonehand.mailings.models import MailState
from stonehand.reading import digests
from stonehand.reading.states import Period

TOGETHER = 300  # readers who are addressed in one transaction


@task("mailings.address", queue="email")
def address(attempt: Attempt, review_id: str) -> None:
    """Address an approved digest to every reader who asked for it. Other approvals are none of its business."""
    with attempt.read() as session:
        digest = service.digest_of(session, review_id)
    why_not = service.unsendable(digest) if digest else "it is no digest"
    count, edge = 0, ""
    while digest and not why_not:
        with attempt.write() as session:
            readers = digests.subscribers(session, Period(digest.period), edge, TOGETHER)
            count += service.address(session, digest, review_id, readers)
        if len(readers) < TOGETHER:
            break
        edge = readers[-1].user_id
    with attempt.finish() as session:
        attempt.note(session, {"mailed": count, "why_not": why_not})


@task("mailings.send", queue="email", waits=True, retries=8)
def send(attempt: Attempt, digest_id: str, user_id: str) -> None:
    """Hand one letter to the mail server. What is not known to have failed is not tried again."""
    with attempt.read() as session:
        ready = service.prepare(session, digest_id, user_id)
    if ready is None:
        with attempt.finish() as session:
            service.move(session, digest_id, user_id, MailState.WAITING, MailState.ENDED)
        return
    with attempt.write() as session:
        ours = service.move(session, digest_id, user_id, MailState.WAITING, MailState.SENDING)
    if ours:
        _hand_over(attempt, ready, digest_id, user_id)
    with attempt.finish() as session:
        if ours:
            service.move(session, digest_id, user_id, MailState.SENDING, MailState.SENT)


def _hand_over(attempt: Attempt, ready: service.Ready, digest_id: str, user_id: str) -> None:
    try:
        brakes.check_now()  # the last look before something leaves
        mail.send(ready.letter, ready.relay)
    except Stopped:
        _end(attempt, digest_id, user_id, MailState.WAITING, "")
        raise
    except HandoverUnclear as error:
        _end(attempt, digest_id, user_id, MailState.UNCLEAR, str(error))
        raise OutcomeUnknown(f"{error}; nobody but the reader can say whether it arrived") from error
    except Unavailable:
        _end(attempt, digest_id, user_id, MailState.WAITING, "")
        raise
    except Rejected as error:
        _end(attempt, digest_id, user_id, MailState.FAILED, str(error))
        raise


def _end(attempt: Attempt, digest_id: str, user_id: str, to: MailState, error: str) -> None:
    with attempt.write() as session:
        service.move(session, digest_id, user_id, MailState.SENDING, to, error)
