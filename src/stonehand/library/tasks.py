"""The job that indexes what is not in the index of words yet: articles of before, or of an older form of words."""

from __future__ import annotations

from stonehand.jobs import Attempt, task
from stonehand.library import filling


@task("library.index", queue="maintenance", role="admin", hard_limit=6 * 3600, soft_limit=6 * 3600 - 60)
def index(attempt: Attempt) -> None:
    """Index every article that is not in the index of words. Can be stopped and begun again."""
    done = 0
    while some := filling.fill_some(attempt.read, attempt.write):
        attempt.check_cancelled()
        done += some
    with attempt.finish() as session:
        attempt.note(session, {"count": done})
