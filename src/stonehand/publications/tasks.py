"""Jobs of publications."""

from __future__ import annotations

from stonehand.channels import service as channels
from stonehand.errors import StonehandError
from stonehand.jobs import Attempt, Snooze, task
from stonehand.publications import approvals, queries, service


@task("publications.prepare", queue="publishing")
def prepare(attempt: Attempt, review_id: str) -> None:
    """Make one publication for each channel that was chosen."""
    with attempt.finish() as session:
        made = service.prepare(session, approvals.approved(session, review_id))
        attempt.note(session, {"publications": len(made)})


@task("publications.find_due", queue="publishing")
def find_due(attempt: Attempt) -> None:
    """Start what was scheduled for later and is due now."""
    with attempt.finish() as session:
        attempt.note(session, {"due": service.find_due(session)})


@task("publications.publish", queue="publishing")
def publish(attempt: Attempt, publication_id: str) -> None:
    """Say that it begins, deliver, say where it is. After a crash, the same delivery again under the same key."""
    try:
        order = _begin(attempt, publication_id)
        if order is None:
            return
        delivery = channels.plugin(order.kind).deliver(order.piece, order.key, order.target)
    except Snooze:
        raise
    except StonehandError as error:
        with attempt.write() as session:
            service.failed(session, publication_id, str(error))
        raise
    with attempt.finish() as session:
        service.finished(session, publication_id, delivery)
        attempt.note(session, {"url": delivery.url})


def _begin(attempt: Attempt, publication_id: str) -> service.Order | None:
    with attempt.read() as session:
        ready = service.check_ready(session, publication_id)
        if ready is None:
            return None
        approved = approvals.approved(session, queries.publication(session, publication_id).review_id)
    with attempt.write() as session:
        return service.begin(session, publication_id, approved)
