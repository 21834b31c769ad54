"""Facts about reviews."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReviewApproved:
    """A person approved a text, and the time to undo it is over."""

    review_id: str


@dataclass(frozen=True)
class ReviewRejected:
    """A person decided that a draft will not go out."""

    review_id: str


@dataclass(frozen=True)
class ChangesRequested:
    """A person asked for changes. Only a person starts a new writing."""

    review_id: str
