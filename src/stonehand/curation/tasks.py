"""The jobs that curate. What they have done so far is in the database, so a lost attempt loses nothing."""

from __future__ import annotations

import json
from typing import Any

from stonehand import jobs
from stonehand.curation import course, queries, results, service
from stonehand.curation.states import CurationState
from stonehand.curation.weights import checked
from stonehand.curation.wishes import LIMIT, Wish
from stonehand.errors import Rejected
from stonehand.jobs import Attempt, task
from stonehand.jobs import queries as jobs_queries

DIVERSITY = {"yes": True, "no": False}  # anything else: as the settings say
WAIT = 1.0  # seconds until it looks again at what is being fetched


@task("curation.curate", queue="analysis", role="editor")
def curate(attempt: Attempt, curation_id: str) -> None:
    """Go on with a curation: ask for pages, score what was read, choose the best, and end when nothing is missing."""
    _go_on(attempt, curation_id)


@task("curation.analyse", queue="analysis", role="editor")
def analyse(
    attempt: Attempt,
    urls: str = "",
    topic: str = "",
    max_articles: str = "20",
    diversity: str = "",
    weights: str = "",
    limit_seconds: str = str(LIMIT),
) -> None:
    """Curate addresses (separated by blanks) or a topic, and keep the result on this job.

    `weights` is the name of saved weights, or the seven as JSON.
    """
    with attempt.write() as session:
        found = queries.of_job(session, attempt.job.id)
        if found is None:
            name, chosen = (
                queries.weights(session, weights) if not weights.startswith("{") else ("given", _given(weights))
            )
            wish = Wish(
                topic=topic,
                urls=urls.split(),
                weights=chosen,
                weights_name=name,
                rules=service.rules(_number(max_articles, "max_articles"), diversify=DIVERSITY.get(diversity)),
                limit_seconds=_number(limit_seconds, "limit_seconds"),
            )
            asker = jobs_queries.job(session, attempt.job.id).asked_by
            found = service.submit(session, wish, asker or "a program", attempt.job.id)
        curation_id = found.id
    _go_on(attempt, curation_id)


class ArgumentUnfit(Rejected):
    """An argument of the task is no number, or no JSON."""


def _number(text: str, name: str) -> int:
    if not text.strip().isdigit():
        raise ArgumentUnfit(f"{name} is {text[:40]!r}; give a whole number")
    return int(text)


def _given(weights: str) -> Any:
    try:
        return checked(json.loads(weights))
    except (json.JSONDecodeError, AttributeError) as error:
        raise ArgumentUnfit(f"weights are no JSON object of parts and numbers: {error}") from None


def _go_on(attempt: Attempt, curation_id: str) -> None:
    step = course.Course(attempt, curation_id)
    step.begin()
    step.look_at_sources()
    step.gather()
    step.score()
    if missing := step.settle():
        raise jobs.Snooze(WAIT, f"{missing} of the articles are still being read")
    with attempt.finish() as session:
        found = queries.curation(session, curation_id)
        if found.state == CurationState.READING:
            service.end(session, found, CurationState.DONE)
        attempt.note(session, results.summary(session, found))
