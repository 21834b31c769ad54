"""Letters at the border."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from stonehand.sources.letters.models import Letter
from stonehand.sources.letters.queries import Fate


class LetterOut(BaseModel):
    """A letter. `notes` say what was amiss or left out; `error`, why it could not be read."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    source_id: str
    message_id: str | None
    way: str
    sender: str
    subject: str
    size: int
    sent_at: datetime | None
    received_at: datetime
    read_at: datetime | None
    state: str
    error: str | None
    notes: list[str]


class FateOut(BaseModel):
    """One thing that a letter named, and what became of it."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    title: str
    url: str | None
    state: str
    is_new: bool
    entry_id: str | None
    article_id: str | None
    error: str | None


class LetterDetail(LetterOut):
    """A letter with all that it named."""

    items: list[FateOut] = []

    @classmethod
    def of(cls, letter: Letter, fates: Sequence[Fate]) -> Self:
        """Everything about one letter."""
        items = [FateOut.model_validate(each) for each in fates]
        return cls.model_validate(letter).model_copy(update={"items": items})


class LetterTaken(BaseModel):
    """What came of one letter that was handed in: `letter_id`, or `error` if it was refused."""

    name: str
    letter_id: str | None = None
    is_new: bool = False
    error: str | None = None


class LettersTaken(BaseModel):
    """What came of letters that were handed in together, and the job that reads the new ones."""

    items: list[LetterTaken]
    job_id: str | None = None
    detail: str
