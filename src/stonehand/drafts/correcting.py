"""Correcting a text that can be seen already: the next revision, which is reviewed like the first."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.db import Session, now
from stonehand.drafts import queries, service
from stonehand.drafts.errors import DraftBusy, NothingCorrected
from stonehand.drafts.models import Draft
from stonehand.drafts.states import DraftState

LONGEST = 500  # characters of what readers are told


def correct(session: Session, draft_id: str, markdown: str, note: str, by: str, title: str | None = None) -> str:
    """Keep a corrected text as the next revision, with what readers are told has changed. Returns the revision.

    It goes out once it is approved. Raises `DraftBusy` unless the draft is published and is not being corrected,
    `NothingCorrected`, `TextUnacceptable`.
    """
    words = " ".join(note.split())
    if not words or len(words) > LONGEST:
        raise NothingCorrected(f"say in 1 to {LONGEST} characters what was wrong: readers are told")
    draft = queries.draft(session, draft_id)
    if draft.state == DraftState.CORRECTING:
        raise DraftBusy(f"a correction of “{draft.title}” waits for its review already; edit that one")
    service.move(session, draft_id, DraftState.CORRECTING)
    session.execute(sa.update(Draft).where(Draft.id == draft_id).values(correction=words))
    before = draft.current_revision_id or ""
    made = service.edit(session, draft_id, markdown, before, by, title)
    if made == before:
        raise NothingCorrected("the text is as it was; change what is wrong, or retract the piece")
    return made


def ended(session: Session, draft_id: str, revision_id: str | None = None) -> None:
    """A correction was approved, or it was given up: then this revision is again the one that holds."""
    values = {"state": DraftState.PUBLISHED, "correction": "", "updated_at": now(session)}
    changed = session.scalar(
        sa.update(Draft)
        .where(Draft.id == draft_id, Draft.state == DraftState.CORRECTING)
        .values(**values, **({"current_revision_id": revision_id} if revision_id else {}))
        .returning(Draft.id)
    )
    if changed is None:
        raise DraftBusy("nothing of this draft is being corrected")


def reopened(session: Session, draft_id: str, correction: str) -> None:
    """The approval of a correction was taken back before it took effect."""
    service.move(session, draft_id, DraftState.CORRECTING)
    session.execute(sa.update(Draft).where(Draft.id == draft_id).values(correction=correction))
