"""Shapes of rehearsals at the border. Amounts are millionths of the budget's currency."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class MessageOut(BaseModel):
    """One message as it would be sent."""

    model_config = ConfigDict(from_attributes=True)

    role: Literal["system", "user"]
    text: str


class PreviewOut(BaseModel):
    """What would be sent. `worst_micro` is the most that one answer may cost; `can_ask`: there is a model."""

    title: str
    messages: list[MessageOut]
    input_tokens: int
    most_output_tokens: int
    worst_micro: int
    can_ask: bool


class RehearsalOut(BaseModel):
    """A prompt that was tried, or replayed over the last 30 days. `against` is empty for the texts as they were.

    `done` counts the stories whose new text was written; once it is over, `report` says how many `failed` and how many
    were `left`, and `error` why.
    """

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: Literal["try", "replay"]
    prompt_id: str
    prompt: str
    purpose: str
    against: str
    state: Literal["waiting", "running", "done", "capped", "failed"]
    most: int
    cap_micro: int
    spent_micro: int
    total: int
    done: int
    report: dict[str, Any]
    error: str
    made_by: str
    created_at: datetime
    finished_at: datetime | None


class RehearsalItemOut(BaseModel):
    """One story of it: old and new with their checks; `error` says why there is no new one."""

    model_config = ConfigDict(from_attributes=True)

    position: int
    story_id: str
    draft_id: str
    article_id: str
    title: str
    old: dict[str, Any] | None
    new: dict[str, Any] | None
    error: str
