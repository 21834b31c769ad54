"""The states of a publication, and which may follow which."""

from __future__ import annotations

from enum import StrEnum


class PublicationState(StrEnum):
    """Where a publication is on its way out."""

    SCHEDULED = "scheduled"
    PUBLISHING = "publishing"
    """Its delivery has begun and may have arrived, also if nobody works on it now."""
    PUBLISHED = "published"
    FAILED = "failed"
    """The last try did not arrive; `error` says why. It may be tried again under the same key."""
    NEEDS_RECONCILE = "needs_reconcile"
    """It may have arrived, and only a person can tell."""
    RETRACTED = "retracted"


WAITING = (PublicationState.SCHEDULED, PublicationState.PUBLISHING, PublicationState.FAILED)
"""The states in which a delivery may begin. It repeats the same key, so a target never shows the piece twice."""
