"""Jobs of publications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from stonehand import db
from stonehand.brakes import queries as brakes
from stonehand.brakes.errors import Stopped
from stonehand.channels import queries as channel_queries
from stonehand.channels import service as channels
from stonehand.channels.interfaces import ArrivalDisputed, ArrivalUnknown, Delivery, LoginRefused
from stonehand.errors import StonehandError
from stonehand.http_client import outcome_of
from stonehand.jobs import Attempt, OutcomeUnknown, Snooze, task
from stonehand.jobs import queries as job_queries
from stonehand.jobs.errors import Interrupted
from stonehand.limits import breakers, circuits
from stonehand.limits.errors import NotYet
from stonehand.publications import (
    approvals,
    changes,
    disclosure,
    leftovers,
    places,
    pushing,
    queries,
    reconciling,
    sending,
    service,
    settling,
    watching,
)
from stonehand.publications.changes import ChangeOrder

Keep = Callable[[db.Session, str, Mapping[str, Any]], None]


@task("publications.prepare", queue="publishing")
def prepare(attempt: Attempt, review_id: str) -> None:
    """Make one publication for each channel that was chosen."""
    with attempt.finish() as session:
        made = changes.prepare(session, approvals.approved(session, review_id))
        attempt.note(session, {"publications": made})


@task("publications.find_due", queue="publishing", role="editor")
def find_due(attempt: Attempt) -> None:
    """Start what was scheduled for later and is due now."""
    with attempt.finish() as session:
        changes.give_up_abandoned(session)
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
    brakes.check_now()
    removed = leftovers.sweep(db.database())
    with attempt.finish() as session:
        attempt.note(session, {"removed": removed})


class FencedNotes:
    """What the deliveries of one publication, or the tries at one change, have written down.

    New facts are kept only while the job is ours, and nothing more is sent once everything is stopped.
    """

    def __init__(self, attempt: Attempt, subject_id: str, kept: Mapping[str, Any], keep: Keep) -> None:
        self._attempt, self._subject_id, self._keep = attempt, subject_id, keep
        self.kept = kept

    def remember(self, **facts: Any) -> None:
        """Commit these facts under the fence. Raises `LeaseLost`, `Stopped`."""
        with self._attempt.write() as session:
            self._keep(session, self._subject_id, facts)
        self.kept = {**self.kept, **facts}
        brakes.check_now()


@task("publications.publish", queue="publishing", retries=8)
def publish(attempt: Attempt, publication_id: str) -> None:
    """Say that it begins, deliver, say where it is. After a crash, the same delivery again under the same key."""
    try:
        delivery = _deliver(attempt, publication_id)
    except (Snooze, OutcomeUnknown):
        raise
    except Interrupted as stop:
        _verdict(attempt, publication_id, stop.reason)
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
    notes = FencedNotes(attempt, publication_id, order.notes, reconciling.remember)
    plugin = channels.plugin(order.kind)
    disclosure.check_shown(plugin, order.piece, order.target)
    _check_brake(attempt, publication_id)
    with circuits.through(breaker, outcome_of):
        return plugin.deliver(order.piece, order.key, order.target, notes)


def _check_brake(attempt: Attempt, publication_id: str) -> None:
    """The last look before something leaves."""
    try:
        brakes.check_now()
    except Stopped:
        with attempt.write() as session:
            service.put_back(session, publication_id)
        raise


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


@task("publications.change", queue="publishing", retries=8)
def change(attempt: Attempt, change_id: str) -> None:
    """Correct a piece where it can be seen, or take it back. After a crash, the same again under the same key."""
    try:
        order, seen = _change(attempt, change_id)
    except (Snooze, OutcomeUnknown):
        raise
    except Interrupted as stop:
        _verdict_of_change(attempt, change_id, stop.reason)
        raise
    except StonehandError as error:
        verdict = _unasked(error) or _verdict_of_change(attempt, change_id, error)
        if verdict is error:
            raise
        raise verdict  # noqa: B904  as in `publish`
    with attempt.finish() as session:
        if order:
            changes.finished(session, change_id, seen)


def _change(attempt: Attempt, change_id: str) -> tuple[ChangeOrder | None, Delivery | None]:
    with attempt.read() as session:
        ready = changes.check_ready(session, change_id)
        if ready is None:
            return None, None
        publication = queries.publication(session, ready.publication_id)
        breaker = channels.breaker(publication.channel_id)
        _check_breaker(session, breaker, f"the channel {publication.channel_name}")
    with attempt.write() as session:
        order = changes.begin(session, change_id)
    if order is None:
        return None, None
    notes = FencedNotes(attempt, change_id, order.notes, changes.remember)
    brakes.check_now()
    with circuits.through(breaker, outcome_of):
        return order, pushing.push(order, notes)


def _verdict_of_change(attempt: Attempt, change_id: str, error: StonehandError) -> Exception:
    """What becomes of a change that did not arrive, as far as anybody knows."""
    with attempt.write() as session:
        if isinstance(error, ArrivalUnknown):
            return settling.doubt(session, change_id, str(error), error.retry_after)
        if isinstance(error, ArrivalDisputed):
            return settling.ask_a_person(session, change_id, str(error))
        changes.failed(session, change_id, str(error))
        if isinstance(error, LoginRefused):
            publication = queries.publication(session, changes.change(session, change_id).publication_id)
            channels.stop(session, publication.channel_id, str(error))
            return service.waiting_for(channel_queries.channel(session, publication.channel_id))
        return error


@task("publications.look_at_sources", queue="publishing")
def look_at_sources(attempt: Attempt) -> None:
    """Fetch again what published pieces cite, at growing intervals, and find out what no longer stands there."""
    with attempt.finish() as session:
        attempt.note(session, watching.look(session))
