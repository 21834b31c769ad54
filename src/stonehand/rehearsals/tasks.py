"""Jobs of rehearsals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from stonehand.drafts import briefing
from stonehand.drafts import queries as drafts
from stonehand.drafts.pieces import Brief
from stonehand.errors import Rejected, StonehandError, Unavailable
from stonehand.jobs import Attempt, task
from stonehand.jobs.errors import LeaseLost
from stonehand.llm.errors import BudgetSpent, ModelNotConfigured
from stonehand.llm.payers import Payer
from stonehand.prompts.library import PromptText
from stonehand.rehearsals import previewing, queries, service, subjects
from stonehand.rehearsals.models import TRY, Rehearsal, RehearsalItem
from stonehand.rehearsals.subjects import Subject

SOFT, HARD = 3000, 3600
ROUNDS = 2
"""A model may be asked once more, so a question may cost twice its worst."""


@dataclass(frozen=True)
class _Course:
    """What is tried, and beside what; read once."""

    rehearsal: Rehearsal
    new: PromptText
    old: PromptText | None
    items: tuple[RehearsalItem, ...]
    payer: Payer


@task("rehearsals.rehearse", queue="generation", retries=0, soft_limit=SOFT, hard_limit=HARD)
def rehearse(attempt: Attempt, rehearsal_id: str) -> None:
    """Ask the model about each story of a rehearsal; what comes back is kept beside the old, and is no draft."""
    with _told(attempt, rehearsal_id):
        course = _course(attempt, rehearsal_id)
        with attempt.write() as session:
            service.begin(session, rehearsal_id)
        capped = ""
        for item in course.items:
            attempt.check_cancelled()
            capped = _one(attempt, course, item)
            if capped:
                break
            attempt.progress(item.position, course.rehearsal.total, item.title)
        with attempt.finish() as session:
            service.end(session, rehearsal_id, capped)


def _course(attempt: Attempt, rehearsal_id: str) -> _Course:
    with attempt.read() as session:
        row = queries.rehearsal(session, rehearsal_id)
        items = tuple(each for each in queries.items(session, rehearsal_id) if each.is_left)
    new = _prompt(row, row.prompt, row.template)
    old = _prompt(row, row.against, row.against_template) if row.against else None
    return _Course(row, new, old, items, Payer(user_id=row.user_id))


def _prompt(row: Rehearsal, label: str, template: str) -> PromptText:
    slug, _, number = label.partition("@")
    return PromptText(row.prompt_id, slug, slug, row.purpose, int(number or 0), template)


def _one(attempt: Attempt, course: _Course, item: RehearsalItem) -> str:
    """Try one story. Returns why nothing more may be asked, if so."""
    subject = Subject(item.story_id, item.article_id, item.draft_id, service.instructions_of(course.rehearsal))
    if item.draft_id:
        subject = Subject(draft_id=item.draft_id, instructions=subject.instructions)
    old: dict[str, Any] | None = None
    new: dict[str, Any] | None = None
    error = capped = ""
    try:
        briefs = _briefs(attempt, course, subject)
        capped = _cap(attempt, course, briefs)
        if not capped:
            old = _asked(briefs[1], course.payer) if course.old else _as_written(attempt, item, briefs[0])
            new = _asked(briefs[0], course.payer)
    except (BudgetSpent, ModelNotConfigured) as stopped:
        capped = str(stopped)
    except (Rejected, Unavailable) as refused:
        error = str(refused)
    except StonehandError as gone:  # the story or its draft
        error = str(gone)
    with attempt.write() as session:
        spent = briefing.spent(session).cost_micro
        if capped:  # the story is left as it was: nothing was written of it
            service.spent(session, course.rehearsal.id, spent)
        else:
            service.note(session, course.rehearsal.id, item.position, old, new, error, spent)
    return capped


def _briefs(attempt: Attempt, course: _Course, subject: Subject) -> list[Brief]:
    """The story with the new prompt, and with the old one if there is one."""
    wanted = [course.new, *([course.old] if course.old else [])]
    with attempt.read() as session:
        return [subjects.brief(session, subject, prompt) for prompt in wanted]


def _cap(attempt: Attempt, course: _Course, briefs: list[Brief]) -> str:
    """Whether this story might cost more than may be spent."""
    if course.rehearsal.kind == TRY:
        return ""
    with attempt.read() as session:
        worst = ROUNDS * sum(previewing.of_brief(session, brief).estimate.worst_micro for brief in briefs)
        spent = briefing.spent(session).cost_micro
    if spent + worst <= course.rehearsal.cap_micro:
        return ""
    return "it stopped at its cap: the next story might have cost more than what was left"


def _asked(brief: Brief, payer: Payer) -> dict[str, Any]:
    from stonehand.rehearsals import outcomes  # noqa: PLC0415  arrays and models only where something is written

    return outcomes.ask(brief, payer)


def _as_written(attempt: Attempt, item: RehearsalItem, brief: Brief) -> dict[str, Any] | None:
    from stonehand.rehearsals import outcomes  # noqa: PLC0415  as above

    if not item.draft_id:
        return None
    with attempt.read() as session:
        revision = subjects.written(session, item.draft_id)
        citations = drafts.citations(session, revision.id) if revision else []
    return outcomes.as_written(revision, citations, brief) if revision else None


@contextmanager
def _told(attempt: Attempt, rehearsal_id: str) -> Iterator[None]:
    """Whatever goes wrong inside stands on the rehearsal's page, too."""
    try:
        yield
    except LeaseLost:
        raise
    except BaseException as error:  # a time limit, too
        with attempt.write() as session:
            service.fail(session, rehearsal_id, str(error) or type(error).__name__)
        raise


@task("rehearsals.tidy", queue="maintenance")
def tidy(attempt: Attempt) -> None:
    """Forget rehearsals that are older than 30 days."""
    with attempt.finish() as session:
        service.forget_old(session)
