"""Sending one comment: what is asked of the site, and what follows from its answer."""

from __future__ import annotations

from stonehand import db
from stonehand.brakes.errors import Stopped
from stonehand.comments import queries, sending
from stonehand.comments.gate import Order
from stonehand.comments.signals import SIGNALS
from stonehand.errors import StonehandError, Unavailable
from stonehand.jobs import Attempt
from stonehand.limits.errors import NotYet
from stonehand.platforms import visiting
from stonehand.platforms.errors import LoginStopped
from stonehand.platforms.interfaces import ArrivalDisputed, ArrivalUnknown, Comment, LoginRefused


def send(attempt: Attempt, order: Order) -> Comment | None:
    """The comment as the site shows it; None if it will not be there, or only later."""
    notes = sending.FencedNotes(attempt, order.comment_id, order.notes)
    try:
        return visiting.at(db.database(), order.login_id, lambda kind, visit: kind.comment(visit, order.words, notes))
    except Stopped as error:
        with attempt.write() as session:
            sending.put_back(session, order.comment_id, str(error))
        raise
    except SIGNALS:
        raise
    except StonehandError as error:
        verdict = _verdict(attempt, order.comment_id, error)
        if verdict is None:
            return None
        raise verdict  # noqa: B904  its cause may be in the chain of this error already


def _verdict(attempt: Attempt, comment_id: str, error: StonehandError) -> Exception | None:
    """What becomes of a comment that did not arrive, as far as anybody knows; None if its job has nothing to do."""
    unasked = _unasked(error)
    with attempt.write() as session:
        if isinstance(error, ArrivalDisputed):
            return sending.ask_a_person(session, comment_id, str(error))
        if isinstance(error, ArrivalUnknown):
            return sending.doubt(session, comment_id, str(error), error.retry_after)
        if sending.may_be_there(queries.comment(session, comment_id)) and not unasked:
            return sending.doubt(session, comment_id, str(error), getattr(error, "retry_after", None))
        if unasked or isinstance(error, (LoginRefused, LoginStopped)):
            sending.put_back(session, comment_id, str(error))
            return unasked
        if isinstance(error, Unavailable) and not is_last(attempt):
            sending.put_back(session, comment_id, str(error))
            return error
        sending.refused(session, comment_id, str(error))
        return None


def is_last(attempt: Attempt) -> bool:
    """Whether a job is not tried again if this attempt fails."""
    return attempt.job.attempts >= attempt.job.max_retries


def _unasked(error: BaseException | None) -> NotYet | None:
    """The reason if the site was not even asked: that is no answer, and no try."""
    while error is not None and not isinstance(error, NotYet):
        error = error.__cause__
    return error
