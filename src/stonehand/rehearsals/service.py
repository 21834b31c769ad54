"""The verbs of rehearsals: ask for one, keep what comes of it, forget the old ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from stonehand import db, jobs
from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.drafts.pieces import Instructions
from stonehand.llm import configured
from stonehand.prompts import purposes
from stonehand.prompts import queries as prompts
from stonehand.prompts.errors import PromptInvalid
from stonehand.prompts.library import PromptText
from stonehand.rehearsals import figures, queries, subjects
from stonehand.rehearsals.errors import NothingToAsk, SubjectUnfit
from stonehand.rehearsals.models import CAPPED, DONE, FAILED, REPLAY, RUNNING, TRY, Rehearsal, RehearsalItem
from stonehand.rehearsals.subjects import Subject

MOST = 50
KEPT_DAYS = 30
LONGEST_ERROR = 500


@dataclass(frozen=True)
class Caps:
    """How many stories at most, and what they may cost together, in millionths of the budget's currency."""

    stories: int = 10
    micro: int = 1_000_000


def ask_try(session: Session, person: Person, prompt: PromptText, subject: Subject) -> Rehearsal:
    """Ask a model once, as a job, and show what comes back; it never becomes a draft.

    Raises `NothingToAsk`, `SubjectUnfit`, and what is not found.
    """
    person.require("edit")
    _somebody_to_ask(session)
    brief = subjects.brief(session, subject, prompt)
    wish = asdict(subject.instructions) if subject.instructions else {}
    made = _made(session, person, TRY, prompt, None, Caps(1, 0), wish)
    session.add(
        RehearsalItem(
            rehearsal_id=made.id, position=1, story_id=subject.story_id, article_id=subject.article_id,
            draft_id=subject.draft_id, title=brief.title, old=None, new=None,
        )
    )  # fmt: skip
    session.flush()
    return made


def ask_replay(
    session: Session, person: Person, prompt: PromptText, against: str = "", caps: Caps | None = None
) -> Rehearsal:
    """Replay a prompt over the stories that got drafts in the last 30 days, as a job; no draft comes of it.

    Beside it stands another prompt (`KEY`, `KEY@2`), or the text as it was written. Raises `NothingToAsk`,
    `SubjectUnfit`, `PromptNotFound`.
    """
    person.require("edit")
    _somebody_to_ask(session)
    caps = caps or Caps()
    if not 0 < caps.stories <= MOST or caps.micro < 0:
        raise SubjectUnfit(f"a replay takes 1 to {MOST} stories, and its cap cannot be below nothing")
    other = prompts.prompt(session, against) if against else None
    if other is not None and other.purpose != prompt.purpose:
        raise PromptInvalid(f"{other.slug!r} has another purpose, so that the two cannot be compared")
    if other is None and prompt.purpose == purposes.COMMENT:
        raise SubjectUnfit(
            "no text of then is a comment; say which other prompt for comments it shall be compared with"
        )
    found = subjects.recent(session, prompt.purpose, caps.stories)
    if not found:
        raise SubjectUnfit("no draft of the last 30 days fits this prompt, so there is nothing to replay it on")
    made = _made(session, person, REPLAY, prompt, other, caps, {})
    session.add_all(
        RehearsalItem(
            rehearsal_id=made.id, position=at, story_id=draft.story_id, draft_id=draft.id, title=draft.title,
            old=None, new=None,
        )
        for at, draft in enumerate(found, 1)
    )  # fmt: skip
    made.total = len(found)
    session.flush()
    return made


def _somebody_to_ask(session: Session) -> None:
    if not configured.is_any(session):
        raise NothingToAsk("no language model is configured, so there is nobody to ask; the preview needs none")


def _made(
    session: Session,
    person: Person,
    kind: str,
    prompt: PromptText,
    other: PromptText | None,
    caps: Caps,
    instructions: dict[str, Any],
) -> Rehearsal:
    made = Rehearsal(
        kind=kind,
        prompt_id=prompt.id,
        prompt=prompt.label if prompt.version else prompt.slug,
        purpose=prompt.purpose,
        template=prompt.template,
        against=other.label if other else "",
        against_template=other.template if other else "",
        instructions=instructions,
        most=caps.stories,
        cap_micro=caps.micro,
        total=1,
        made_by=person.name,
        user_id=person.id,
        created_at=db.now(session),
    )
    session.add(made)
    session.flush()
    jobs.enqueue(session, "rehearsals.rehearse", {"rehearsal_id": made.id}, unique_key=f"rehearsal:{made.id}")
    accounts.record(session, person, f"asked for a {kind}", "prompt", prompt.id, {"rehearsal": made.id})
    return made


def instructions_of(rehearsal: Rehearsal) -> Instructions | None:
    """Those to try with, or None for each draft's own."""
    return Instructions(**rehearsal.instructions) if rehearsal.instructions else None


def begin(session: Session, rehearsal_id: str) -> None:
    """It runs."""
    session.execute(sa.update(Rehearsal).where(Rehearsal.id == rehearsal_id).values(state=RUNNING))


def note(
    session: Session,
    rehearsal_id: str,
    position: int,
    old: dict[str, Any] | None,
    new: dict[str, Any] | None,
    error: str,
    spent_micro: int,
) -> None:
    """Keep what came of one story; it counts as done once its new text is there."""
    item = session.get_one(RehearsalItem, (rehearsal_id, position))
    item.old, item.new, item.error = old, new, error[:LONGEST_ERROR]
    session.flush()
    row = queries.rehearsal(session, rehearsal_id)
    row.done = sum(each.new is not None for each in queries.items(session, rehearsal_id))
    row.spent_micro = spent_micro


def end(session: Session, rehearsal_id: str, capped: str = "") -> None:
    """It is over; `capped` says why before its last story, if so."""
    row = queries.rehearsal(session, rehearsal_id)
    row.state, row.error, row.finished_at = CAPPED if capped else DONE, capped, db.now(session)
    row.report = _report(queries.items(session, rehearsal_id))


def _report(seen: Sequence[RehearsalItem]) -> dict[str, Any]:
    return {
        "old": figures.summary([each.old for each in seen if each.old]),
        "new": figures.summary([each.new for each in seen if each.new]),
        "failed": sum(bool(each.error) for each in seen),
        "left": sum(each.is_left for each in seen),
    }


def fail(session: Session, rehearsal_id: str, error: str) -> None:
    """It could not be done."""
    row = queries.rehearsal(session, rehearsal_id)
    row.state, row.error, row.finished_at = FAILED, error[:LONGEST_ERROR], db.now(session)
    row.report = _report(queries.items(session, rehearsal_id))


def spent(session: Session, rehearsal_id: str, micro: int) -> None:
    """What all of it cost until now, where a story was begun and left."""
    queries.rehearsal(session, rehearsal_id).spent_micro = micro


def forget_old(session: Session) -> int:
    """Remove those that are older than 30 days. Returns how many."""
    before = db.now(session) - timedelta(days=KEPT_DAYS)
    gone = session.execute(sa.delete(Rehearsal).where(Rehearsal.created_at < before).returning(Rehearsal.id))
    return len(gone.all())


def forget(session: Session) -> int:
    """Remove all of them, since any may hold words of what is to be forgotten. Returns how many."""
    return len(session.execute(sa.delete(Rehearsal).returning(Rehearsal.id)).all())
