"""The one status of a post, derived from its draft and its publications; nobody sets it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class PostStatus(StrEnum):
    """Where a post is, in the order of its way."""

    DRAFT = "draft"
    """Being written, by a writer or by people; nobody is asked to decide."""
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    CORRECTING = "correcting"
    """It can be seen, and a corrected text of it waits for its review."""
    RETRACTING = "retracting"
    """It is being taken back; until that is done it may still be seen."""
    FAILED = "failed"
    """Nothing could be written, or a delivery did not arrive."""
    NEEDS_RECONCILE = "needs_reconcile"
    """A delivery may have arrived; a person must look."""
    REJECTED = "rejected"
    RETRACTED = "retracted"


OF_DRAFT = {
    "commissioned": PostStatus.DRAFT,
    "changes_requested": PostStatus.DRAFT,
    "in_review": PostStatus.IN_REVIEW,
    "approved": PostStatus.APPROVED,
    "published": PostStatus.PUBLISHED,
    "correcting": PostStatus.CORRECTING,
    "rejected": PostStatus.REJECTED,
    "failed": PostStatus.FAILED,
    "retracted": PostStatus.RETRACTED,
}
DECIDED = ("approved", "published")
"""States of a draft in which its publications say how it stands."""
BY_URGENCY = (
    PostStatus.NEEDS_RECONCILE,
    PostStatus.FAILED,
    PostStatus.PUBLISHING,
    PostStatus.RETRACTING,
    PostStatus.SCHEDULED,
    PostStatus.PUBLISHED,
    PostStatus.RETRACTED,
)
"""Of several publications the one that asks most of people counts; their states have the same names."""
FORMERLY = {
    PostStatus.DRAFT: "draft",
    PostStatus.IN_REVIEW: "draft",
    PostStatus.APPROVED: "draft",
    PostStatus.REJECTED: "draft",
    PostStatus.RETRACTED: "draft",
    PostStatus.SCHEDULED: "scheduled",
    PostStatus.PUBLISHING: "scheduled",
    PostStatus.PUBLISHED: "published",
    PostStatus.CORRECTING: "published",
    PostStatus.RETRACTING: "published",
    PostStatus.FAILED: "failed",
    PostStatus.NEEDS_RECONCILE: "failed",
}
"""What older programs call it, which know four words."""


class Deed(StrEnum):
    """What can be done with a post."""

    EDIT = "edit"
    KEEP = "keep"
    """Save without handing it in."""
    REGENERATE = "regenerate"
    WITHDRAW = "withdraw"
    CORRECT = "correct"
    """At one of its publications; it is then corrected at all of them."""
    RETRACT = "retract"
    """At each of its publications."""


POSSIBLE = {
    PostStatus.DRAFT: frozenset({Deed.EDIT, Deed.KEEP, Deed.REGENERATE, Deed.WITHDRAW}),
    PostStatus.IN_REVIEW: frozenset({Deed.EDIT, Deed.REGENERATE, Deed.WITHDRAW}),
    PostStatus.APPROVED: frozenset({Deed.WITHDRAW}),
    PostStatus.SCHEDULED: frozenset({Deed.WITHDRAW}),
    PostStatus.FAILED: frozenset({Deed.WITHDRAW}),
    PostStatus.CORRECTING: frozenset({Deed.EDIT}),
}
"""Which deeds a status allows; what has been sent is corrected or retracted, never edited in silence."""
BY_WRITERS = {"commissioned": frozenset({Deed.WITHDRAW}), "failed": frozenset({Deed.REGENERATE, Deed.WITHDRAW})}
"""While a writer works on it, and where the writer could write nothing."""
OUT = frozenset({"published", "publishing", "needs_reconcile", "retracting"})


def status(draft: str, publications: Collection[str] = ()) -> PostStatus:
    """The status of a post by the state of its draft and those of its publications."""
    if draft in DECIDED:
        urgent = next((each for each in BY_URGENCY if each in publications), None)
        if urgent is not None:
            return urgent
    return OF_DRAFT[draft]


def deeds(draft: str, publications: Collection[str] = ()) -> frozenset[Deed]:
    """What can be done now. What may be out anywhere is not withdrawn."""
    found = BY_WRITERS.get(draft) or POSSIBLE.get(status(draft, publications), frozenset())
    found = found - {Deed.WITHDRAW} if OUT & set(publications) else found
    if PostStatus.PUBLISHED not in publications:
        return found
    return found | {Deed.RETRACT} | ({Deed.CORRECT} if draft == "published" else frozenset())
