"""Reading at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from stonehand.reading.states import Deed, Difficulty, Less, Phase


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class EventIn(BaseModel):
    """One thing that a reader did. `id` is of your own making; an event that is sent again counts once."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._:-]+$")
    article_id: str = Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")
    deed: Deed
    value: int | None = Field(default=None, ge=0, le=5)
    """1 to 5 for a rating; 0 takes a like, a save or a dismissal back."""
    seconds: int = Field(default=0, ge=0, le=24 * 3600)
    scroll: int = Field(default=0, ge=0, le=100)


class EventsOut(BaseModel):
    """How many events were new, and those of articles that are not here (any more)."""

    counted: int
    repeated: int
    unknown: list[str]


class ReadingOut(_Out):
    """How a reader stands to an article."""

    article_id: str
    started_at: datetime
    completed_at: datetime | None
    views: int
    seconds: int
    scroll: int
    liked: bool
    saved: bool
    shared: bool
    dismissed: bool
    rating: int | None
    updated_at: datetime


class ProgressOut(BaseModel):
    """What a reader has read, in numbers."""

    articles: int
    completed: int
    completed_30_days: int
    seconds: int
    liked: int
    saved: int
    rated: int
    by_phase: dict[str, int]


class ProfileOut(BaseModel):
    """What a reader said of themselves."""

    topics: list[str] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    digest: Literal["", "daily", "weekly"] = ""


class LessOut(_Out):
    """Something of which a reader wants less."""

    kind: Less
    value: str
    words: str
    created_at: datetime


class AssessmentOut(BaseModel):
    """Scores, 0 to 100, and the level that each unlocks; `readiness` is the level of their mean."""

    be: int
    do: int
    have: int
    levels: dict[Phase, Difficulty]
    readiness: Difficulty
    version: int
    taken_at: datetime


class AccessOut(BaseModel):
    """Whether a reader has unlocked an article, and the score in its phase that would."""

    article_id: str
    allowed: bool
    phase: Phase | None
    difficulty: Difficulty | None
    required_score: int
    score: int | None
    origin: Literal["person", "rubric"] | None = None


class LevelOut(_Out):
    """An article's phase and difficulty."""

    article_id: str
    phase: Phase
    difficulty: Difficulty
    origin: Literal["person", "rubric"]
    said_by: str
    said_at: datetime


class RecommendedOut(BaseModel):
    """An article that a reader should see, and why."""

    article_id: str
    title: str
    url: str
    outlet: str
    at: datetime
    score: float
    kind: str
    reason: str
    less: dict[str, str]
    """What to send to `POST /reading/less` to see less for this reason."""


class RecommendationsOut(BaseModel):
    """What a reader is shown, best first. `made_at` is null while nothing was computed for them yet."""

    items: list[RecommendedOut]
    made_at: datetime | None


class DigestOut(_Out):
    """A digest, its sections with the ids of the articles it rests on."""

    id: str
    period: Literal["daily", "weekly"]
    issue: str
    title: str
    sections: list[Any]
    is_sample: bool
    created_at: datetime
