"""Correcting a piece that can be seen: the corrected text waits for its review, like the first."""

from __future__ import annotations

from stonehand.accounts import service as accounts
from stonehand.accounts.permissions import Person
from stonehand.db import Session
from stonehand.drafts import correcting
from stonehand.publications import corrections, queries
from stonehand.publications.errors import PublicationNotShown
from stonehand.publications.states import PublicationState
from stonehand.reviews import queries as reviews
from stonehand.reviews import service as reviewing
from stonehand.reviews.models import Review


def correct(
    session: Session, person: Person, publication_id: str, markdown: str, note: str, title: str | None = None
) -> Review:
    """Open the review of a corrected text. Once it is approved, it is shown wherever the piece is, with the note.

    Raises `PermissionMissing`, `PublicationNotShown`, and what `drafts.correcting.correct` raises.
    """
    person.require("edit")
    publication = queries.publication(session, publication_id)
    if publication.state != PublicationState.PUBLISHED:
        state = publication.state.replace("_", " ")
        raise PublicationNotShown(f"{publication.title!r} is {state}; only what can be seen is corrected")
    revision_id = correcting.correct(session, publication.draft_id, markdown, note, person.id, title)
    detail = {"revision_id": revision_id, "note": note}
    accounts.record(session, person, corrections.ASKED, "publication", publication_id, detail)
    opened = reviewing.open_review(session, publication.draft_id)
    return reviews.review(session, opened or "")
