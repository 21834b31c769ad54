"""Working copies: what somebody typed is kept as they type, and is there again after a crash."""

from __future__ import annotations

import sqlalchemy as sa

from stonehand.db import Session, insert, now
from stonehand.drafts import queries as drafts
from stonehand.drafts.revising import LONGEST
from stonehand.drafts.wording import Wording
from stonehand.errors import Rejected
from stonehand.posts.errors import CopyOvertaken
from stonehand.posts.models import WorkingCopy

LONGEST_FIELD = 2000  # characters of a field beside the text; more is no title and no description


class CopyTooLong(Rejected):
    """More than a draft can hold."""


def copy(session: Session, draft_id: str, person_id: str) -> WorkingCopy | None:
    """What this person has typed into this draft and not saved."""
    return session.get(WorkingCopy, (draft_id, person_id))


def keep(
    session: Session, draft_id: str, person_id: str, worded: Wording, revision_id: str, number: int
) -> WorkingCopy:
    """Keep what was typed, whatever it is. `number` is that of the copy which the person saw, 0 for none.

    Raises `CopyOvertaken` if another window has kept a newer one, `CopyTooLong`, `DraftNotFound`.
    """
    _refuse_long(worded)
    drafts.draft(session, draft_id)
    heads = worded.heads
    row = {
        "revision_id": revision_id,
        "number": number + 1,
        "title": worded.title,
        "slug": heads.slug,
        "excerpt": heads.excerpt,
        "meta_title": heads.meta_title,
        "meta_description": heads.meta_description,
        "keywords": list(heads.keywords),
        "image_url": heads.image_url,
        "image_alt": heads.image_alt,
        "categories": list(heads.categories),
        "markdown": worded.markdown,
        "sources": list(worded.sources),
        "kept_at": now(session),
    }
    wish = insert(session, WorkingCopy).values(draft_id=draft_id, person_id=person_id, **row)
    seen = WorkingCopy.number == number
    kept = wish.on_conflict_do_update(index_elements=["draft_id", "person_id"], set_=row, where=seen)
    found: WorkingCopy | None = session.scalars(
        kept.returning(WorkingCopy), execution_options={"populate_existing": True}
    ).one_or_none()
    if found is None:
        raise CopyOvertaken("another window of yours has kept a newer text of this draft; reload to see it")
    return found


def _refuse_long(worded: Wording) -> None:
    heads = worded.heads
    beside = [worded.title, heads.slug, heads.excerpt, heads.meta_title, heads.meta_description, *heads.keywords]
    beside += [heads.image_url, heads.image_alt, *heads.categories]
    if len(worded.markdown) > LONGEST or max(map(len, beside)) > LONGEST_FIELD or len(beside) > 100:
        raise CopyTooLong(
            f"the text is longer than {LONGEST:,} characters, or a field than {LONGEST_FIELD:,}; shorten it"
        )


def discard(session: Session, draft_id: str, person_id: str) -> bool:
    """Forget a working copy. Returns whether there was one."""
    wish = sa.delete(WorkingCopy).where(WorkingCopy.draft_id == draft_id, WorkingCopy.person_id == person_id)
    return session.execute(wish.returning(WorkingCopy.draft_id)).first() is not None


def writers(session: Session, draft_id: str) -> list[str]:
    """Ids of those who have unsaved text in a draft, the latest first."""
    wish = sa.select(WorkingCopy.person_id).where(WorkingCopy.draft_id == draft_id)
    return list(session.scalars(wish.order_by(WorkingCopy.kept_at.desc())))
