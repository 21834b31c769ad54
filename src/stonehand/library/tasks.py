"""The job that indexes what is not in the index of words yet: articles of before, or of an older form of words."""

from __future__ import annotations

from stonehand.analysis import queries as analyses
from stonehand.articles import indexing
from stonehand.jobs import Attempt, task

TOGETHER = 50  # articles in one transaction


@task("library.index", queue="maintenance", role="admin", hard_limit=6 * 3600, soft_limit=6 * 3600 - 60)
def index(attempt: Attempt) -> None:
    """Index every article that is not in the index of words. Can be stopped and begun again."""
    done = 0
    while True:
        attempt.check_cancelled()
        with attempt.read() as session:
            found = indexing.missing(session, TOGETHER)
        if not found:
            break
        folded = [indexing.fold(article_id, *texts) for article_id, texts in found.items()]
        with attempt.write() as session:
            indexing.refill(session, found, folded)
            indexing.speak(session, analyses.languages(session, list(found)))
        done += len(folded)
    with attempt.finish() as session:
        attempt.note(session, {"count": done})
