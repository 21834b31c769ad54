"""The states of a draft, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class DraftState(StrEnum):
    """Where a draft is on its way. What was sent, and where, is the publication's state."""

    COMMISSIONED = "commissioned"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    PUBLISHED = "published"
    CORRECTING = "correcting"
    """It can be seen, and a corrected text of it is being reviewed."""
    RETRACTED = "retracted"
    """It was taken back wherever it could be seen."""
    REJECTED = "rejected"
    FAILED = "failed"
    """Nothing could be written; `note` says why."""


WAITING = (DraftState.COMMISSIONED, DraftState.IN_REVIEW)
OPEN = (*WAITING, DraftState.CHANGES_REQUESTED, DraftState.APPROVED)
WRITABLE = (DraftState.COMMISSIONED, DraftState.CHANGES_REQUESTED)
UNFINISHED = (DraftState.CHANGES_REQUESTED,)
"""With its writers: sent back to them, or not handed in yet."""
REVIEWABLE = (DraftState.IN_REVIEW, DraftState.CORRECTING)
EDITABLE = (*REVIEWABLE, DraftState.CHANGES_REQUESTED)

FOLLOWS: dict[DraftState, tuple[DraftState, ...]] = {
    DraftState.COMMISSIONED: (DraftState.IN_REVIEW, DraftState.FAILED, DraftState.REJECTED),
    DraftState.IN_REVIEW: (DraftState.CHANGES_REQUESTED, DraftState.APPROVED, DraftState.REJECTED),
    DraftState.CHANGES_REQUESTED: (DraftState.COMMISSIONED, DraftState.IN_REVIEW, DraftState.REJECTED),
    DraftState.APPROVED: (DraftState.PUBLISHED, DraftState.IN_REVIEW, DraftState.RETRACTED),
    DraftState.PUBLISHED: (DraftState.CORRECTING, DraftState.RETRACTED),
    DraftState.CORRECTING: (DraftState.PUBLISHED, DraftState.RETRACTED),
    DraftState.RETRACTED: (),
    DraftState.REJECTED: (DraftState.IN_REVIEW,),
    DraftState.FAILED: (DraftState.COMMISSIONED, DraftState.REJECTED),
}
