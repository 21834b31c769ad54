"""Jobs of reviews."""

from __future__ import annotations

from stonehand.jobs import Attempt, task
from stonehand.reviews import service


@task("reviews.open", queue="reviews")
def open_review(attempt: Attempt, draft_id: str) -> None:
    """Put a draft that was written on the review desk."""
    with attempt.finish() as session:
        service.open_review(session, draft_id)


@task("reviews.release", queue="reviews")
def release(attempt: Attempt, review_id: str) -> None:
    """Let an approval take effect when the time to undo it is over."""
    with attempt.finish() as session:
        service.release(session, review_id)
