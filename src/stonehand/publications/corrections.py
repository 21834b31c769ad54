"""What readers are told of corrections: a note with its date, above the text; and who asked for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import sqlalchemy as sa

from stonehand.accounts import queries as accounts
from stonehand.db import Session
from stonehand.drafts.escaping import escape
from stonehand.publications import queries
from stonehand.reviews import queries as reviews
from stonehand.reviews.models import Review, ReviewState

ASKED = "asked to correct"  # in the audit log
WORDS = {"en": "Correction", "de": "Berichtigung"}


@dataclass(frozen=True)
class Corrected:
    """What was wrong, as readers are told, and when the correction was approved."""

    note: str
    at: datetime

    @property
    def day(self) -> date:
        """The day, in UTC."""
        return self.at.astimezone(UTC).date()


def of_review(session: Session, review_id: str) -> tuple[Corrected, ...]:
    """The corrections that a text of this review has been through, the latest first."""
    this = reviews.review(session, review_id)
    wish = sa.select(Review.correction, Review.decided_at).where(
        Review.draft_id == this.draft_id,
        Review.state == ReviewState.APPROVED,
        Review.correction != "",
        Review.id <= this.id,
    )
    rows = session.execute(wish.order_by(Review.id.desc())).all()
    return tuple(Corrected(note, at) for note, at in rows if at)


def asked_by(session: Session, review_id: str) -> str:
    """Who asked for the correction that this review let out, by the audit log: another person may have approved it.

    Of a text that went out anew without such a wish, who approved it; empty if nobody did.
    """
    this = reviews.review(session, review_id)
    pieces = [each.id for each in queries.of_draft(session, this.draft_id)]
    asked = (each for each in accounts.audit_of(session, pieces) if each.verb == ASKED)
    if this.correction and (latest := next(asked, None)):
        return latest.actor_name
    return accounts.names(session, [this.decided_by]).get(this.decided_by, "") if this.decided_by else ""


def told(corrections: Sequence[Corrected], markdown: str, language: str) -> str:
    """The text below the notes of its corrections; without any, as it is."""
    word = WORDS.get(language, WORDS["en"])
    notes = [f"> **{word}, {each.day.isoformat()}:** {escape(each.note)}" for each in corrections]
    return "\n\n".join([*notes, markdown])
