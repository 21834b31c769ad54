"""Jobs of reviews."""

from __future__ import annotations

from stonehand.jobs import Attempt, task
from stonehand.reviews import bulk, considering, service


@task("reviews.open", queue="reviews")
def open_review(attempt: Attempt, draft_id: str) -> None:
    """Put a draft that was written on the review desk."""
    with attempt.finish() as session:
        service.open_review(session, draft_id)


@task("reviews.consider", queue="reviews")
def consider(attempt: Attempt, review_id: str) -> None:
    """Ask the policies whether a draft may go out without a person."""
    with attempt.finish() as session:
        found = considering.consider(session, review_id)
        attempt.note(session, {"approved": found.approved, "refused": found.refused})


@task("reviews.release", queue="reviews")
def release(attempt: Attempt, review_id: str) -> None:
    """Let an approval take effect when the time to undo it is over."""
    with attempt.finish() as session:
        service.release(session, review_id)


@task("reviews.bulk", queue="reviews")
def decide_many(attempt: Attempt, bulk_id: str) -> None:
    """Go on with a decision about many reviews. What an earlier try has decided stays so."""
    goes_on = True
    while goes_on:
        attempt.check_cancelled()
        with attempt.write() as session:
            goes_on = bulk.step(session, bulk_id, bulk.decider(session, bulk_id))
            mine = bulk.bulk(session, bulk_id)
            done, total = mine.decided + len(mine.skipped), mine.total
        attempt.progress(done, max(done, total), f"{done} of {total}")
    with attempt.finish() as session:
        mine = bulk.bulk(session, bulk_id)
        attempt.note(session, {"decided": mine.decided, "skipped": len(mine.skipped)})
