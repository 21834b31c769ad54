"""Shapes of reviews at the border."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from stonehand.reviews.models import ApprovalPolicy

Verb = Literal["approve", "request_changes", "reject"]


class ApproveIn(BaseModel):
    """An approval. No channels means the usual ones: the agent's own, or those of the last piece of its kind."""

    channel_ids: list[str] | None = Field(default=None, max_length=100)
    accept_unsupported: bool = False
    note: str = Field(default="", max_length=2000)


class NoteIn(BaseModel):
    """A decision with a reason."""

    note: str = Field(default="", max_length=2000)


class ReviewOut(BaseModel):
    """One decision about one revision."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    draft_id: str
    revision_id: str
    content_sha256: str
    state: Literal["open", "approved", "changes_requested", "rejected", "superseded"]
    channel_ids: list[str]
    due_at: datetime | None
    released_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    note: str
    opened_at: datetime
    superseded_by: str | None
    correction: str
    """If it is about a corrected text: what readers are told has changed."""
    policy_ids: list[str]
    """The policies that approved it; empty if a person did."""
    bulk_id: str | None


class ApprovalOut(BaseModel):
    """One person's approval. Some channels need more than one."""

    model_config = ConfigDict(from_attributes=True)

    user_name: str
    channel_ids: list[str]
    at: datetime


class CommentIn(BaseModel):
    """A remark about a draft, perhaps about one sentence, or an answer to a remark."""

    model_config = ConfigDict(extra="forbid")

    body: str = Field(min_length=1, max_length=4000)
    sentence: str = Field(default="", max_length=1000)
    must: bool = False
    """Whether it has to be dealt with before the draft can be approved."""
    answers: str | None = Field(default=None, max_length=64)


class ResolveIn(BaseModel):
    """Whether a thread is dealt with."""

    model_config = ConfigDict(extra="forbid")

    is_resolved: bool = True


class CommentOut(BaseModel):
    """A remark. `thread_id` names the remark that it answers."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    draft_id: str
    review_id: str
    thread_id: str | None
    sentence: str
    body: str
    must: bool
    user_name: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


class PolicyIn(BaseModel):
    """When drafts may go out through a channel without a person."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=10, max_length=500)
    daily_cap: int = Field(ge=1, le=500)
    expires_at: AwareDatetime
    support: Literal["verbatim", "supported"] = "verbatim"
    source_ids: list[str] = Field(default_factory=list, max_length=200)
    agent_ids: list[str] = Field(default_factory=list, max_length=200)
    max_words: int = Field(default=600, ge=1, le=5000)


class PolicyOut(BaseModel):
    """A channel's policy. `used` counts the approvals of `day`; `state` says whether it decides now, or why not."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    channel_id: str
    is_on: bool
    state: Literal["decides", "off", "expired", "rests"] = "off"
    reason: str
    daily_cap: int
    expires_at: datetime
    support: str
    source_ids: list[str]
    agent_ids: list[str]
    max_words: int
    day: str
    used: int
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime

    @classmethod
    def of(cls, policy: ApprovalPolicy, state: str) -> PolicyOut:
        """With what `policies.standing` says of it."""
        return cls.model_validate(policy).model_copy(update={"state": state})


class FilterIn(BaseModel):
    """Which open reviews. What is left out does not matter; `older` counts hours of waiting."""

    model_config = ConfigDict(extra="forbid")

    language: str = Field(default="", max_length=20)
    agent: str = Field(default="", max_length=64)
    story: str = Field(default="", max_length=64)
    warnings: Literal["", "some", "none", "unsupported"] = ""
    sample: Literal["", "only", "none"] = ""
    older: int = Field(default=0, ge=0, le=100_000)


class BulkIn(BaseModel):
    """One decision about all open reviews that a filter finds."""

    model_config = ConfigDict(extra="forbid")

    decision: Verb
    which: FilterIn = FilterIn()
    note: str = Field(default="", max_length=2000)
    channel_ids: list[str] = Field(default_factory=list, max_length=100)


class BulkOut(BaseModel):
    """How far a decision about many is, and what was left alone."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    verb: Verb
    wish: dict[str, Any]
    state: Literal["running", "done", "undone"]
    total: int
    decided: int
    skipped: list[dict[str, str]]
    job_id: str | None
    user_name: str
    created_at: datetime
    ended_at: datetime | None
