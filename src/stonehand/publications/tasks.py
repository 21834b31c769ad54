"""Jobs of publications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from stonehand import db
from stonehand.channels import queries as channel_queries
from stonehand.channels import service as channels
from stonehand.channels.interfaces import ArrivalDisputed, ArrivalUnknown, Delivery, LoginRefused
from stonehand.errors import StonehandError
from stonehand.http_client import outcome_of
from stonehand.jobs import Attempt, OutcomeUnknown, Snooze, task
from stonehand.jobs import queries as job_queries
from stonehand.limits import breakers, circuits
from stonehand.limits.errors import NotYet
from stonehand.publications import approvals, leftovers, places, queries, reconciling, sending, service


@task("publications.prepare", queue="publishing")
def prepare(attempt: Attempt, review_id: str) -> None:
    """Make one publication for each channel that was chosen."""
    with attempt.finish() as session:
        made = service.prepare(session, approvals.approved(session, review_id))
        attempt.note(session, {"publications": len(made)})


@task("publications.find_due", queue="publishing", role="editor")
def find_due(attempt: Attempt) -> None:
    """Start what was scheduled for later and is due now."""
    with attempt.finish() as session:
        attempt.note(session, {"due": service.find_due(session)})


@task("publications.send", queue="publishing", role="publisher")
def send(attempt: Attempt, draft_id: str, channel_id: str) -> None:
    """Deliver an approved draft to a channel, again if that failed, and say how it ended."""
    with attempt.read() as session:
        begun = (job_queries.job(session, attempt.job.id).result or {}).get("publication_id")
    if begun is None:
        with attempt.write() as session:
            begun = sending.start(session, draft_id, channel_id)
            attempt.note(session, {"publication_id": begun})
    with attempt.read() as session:
        ended = sending.outcome(session, begun)
    if ended is None:
        raise Snooze(1, f"waits for the delivery of publication {begun}")
    with attempt.finish() as session:
        attempt.note(session, ended)


@task("publications.retry_failed", queue="publishing", role="publisher")
def retry_failed(attempt: Attempt) -> None:
    """Try again every delivery that failed, each under its own key."""
    with attempt.finish() as session:
        attempt.note(session, asdict(sending.retry_failed(session)))


@task("publications.tidy", queue="publishing")
def tidy(attempt: Attempt) -> None:
    """Remove hidden drafts that were left at channels by deliveries whose answer was lost."""
    removed = leftovers.sweep(db.database())
    with attempt.finish() as session:
        attempt.note(session, {"removed": removed})


class FencedNotes:
    """What the deliveries of one publication have written down; new facts only while the job is ours."""

    def __init__(self, attempt: Attempt, publication_id: str, kept: Mapping[str, Any]) -> None:
        self._attempt, self._publication_id = attempt, publication_id
        self.kept = kept

    def remember(self, **facts: Any) -> None:
        """Commit these facts under the fence. Raises `LeaseLost`."""
        with self._attempt.write() as session:
            reconciling.remember(session, self._publication_id, facts)
        self.kept = {**self.kept, **facts}


@task("publications.publish", queue="publishing", retries=8)
def publish(attempt: Attempt, publication_id: str) -> None:
    """Say that it begins, deliver, say where it is. After a crash, the same delivery again under the same key."""
    try:
        delivery = _deliver(attempt, publication_id)
    except (Snooze, OutcomeUnknown):
        raise
    except StonehandError as error:
        verdict = _unasked(error) or _verdict(attempt, publication_id, error)
        if verdict is error:
            raise
        raise verdict  # noqa: B904  its cause may be in the chain of this error already
    if delivery:
        with attempt.finish() as session:
            service.finished(session, publication_id, delivery)
            attempt.note(session, {"url": delivery.url})


def _deliver(attempt: Attempt, publication_id: str) -> Delivery | None:
    with attempt.read() as session:
        ready = service.check_ready(session, publication_id)
        if ready is None:
            return None
        breaker = channels.breaker(ready.channel_id)
        _check_breaker(session, breaker, f"the channel {ready.channel_name}")
        approved = approvals.approved(session, ready.review_id)
    with attempt.write() as session:
        order = service.begin(session, publication_id, approved)
    if order is None:
        return None
    notes = FencedNotes(attempt, publication_id, order.notes)
    with circuits.through(breaker, outcome_of):
        return channels.plugin(order.kind).deliver(order.piece, order.key, order.target, notes)


def _check_breaker(session: db.Session, breaker: str, called: str) -> None:
    """Raise `BreakerOpen` before the delivery is said to have begun."""
    refused = breakers.refusals(session, [breaker])
    if refused:
        raise refused[breaker].calling_it(called)


def _verdict(attempt: Attempt, publication_id: str, error: StonehandError) -> Exception:
    """What becomes of a delivery that did not arrive, as far as anybody knows."""
    with attempt.write() as session:
        places.leave_alone(session, queries.publication(session, publication_id), error)
        if isinstance(error, ArrivalUnknown):
            return reconciling.doubt(session, publication_id, str(error), error.retry_after)
        if isinstance(error, ArrivalDisputed):
            return reconciling.ask_a_person(session, publication_id, str(error))
        if isinstance(error, LoginRefused):
            channel = channel_queries.channel(session, queries.publication(session, publication_id).channel_id)
            channels.stop(session, channel.id, str(error))
            return service.waiting_for(channel)
        service.failed(session, publication_id, str(error))
        return error


def _unasked(error: BaseException | None) -> NotYet | None:
    """The reason if the target was not even asked, whatever the plugin made of it: that is no answer, and no try."""
    while error is not None and not isinstance(error, NotYet):
        error = error.__cause__
    return error
