"""Shapes of processes and comments at the border."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from stonehand.comments.states import CommentState, ProcessState, Stage

MOST_MINUTES = 360
Id = Annotated[str, Field(min_length=1, max_length=64)]
Ids = Annotated[list[Id], Field(max_length=50)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Description = Annotated[str, Field(max_length=500)]
Choice = Annotated[str, Field(max_length=100)]
Reason = Annotated[str, Field(max_length=500)]
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
Articles = Annotated[int, Field(ge=1, le=100, description="Of one look, for each login.")]
PerDay = Annotated[int, Field(ge=0, le=1000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")

    @field_validator("auto_until", check_fields=False)
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("say the time zone too, as in 2026-05-01T12:00:00Z")
        return value


class ProcessIn(_In):
    """A new process. Unless `generate_only`, a policy lets comments go without a person: why, how many, how long."""

    name: Name
    platform_id: Id
    login_ids: Ids = Field(default_factory=list)
    prompt_ids: Ids = Field(default_factory=list, description="Ids or short names of prompts for comments.")
    description: Description = ""
    model_id: Annotated[str, Field(max_length=64)] = ""
    generate_only: bool = True
    is_hidden: bool = False
    looks_once: bool = False
    tab: Choice = ""
    category: Choice = ""
    task: Choice = ""
    search: Annotated[str, Field(max_length=200)] = ""
    most_articles: Articles = 20
    max_duration_minutes: Minutes = 180
    auto_reason: Reason = ""
    auto_per_day: PerDay = 0
    auto_until: datetime | None = None


class ProcessChange(_In):
    """What to change of a process that is not at work; what is left out stays."""

    name: Name | None = None
    login_ids: Ids | None = None
    prompt_ids: Ids | None = None
    description: Description | None = None
    model_id: Annotated[str, Field(max_length=64)] | None = None
    generate_only: bool | None = None
    is_hidden: bool | None = None
    looks_once: bool | None = None
    tab: Choice | None = None
    category: Choice | None = None
    task: Choice | None = None
    search: Annotated[str, Field(max_length=200)] | None = None
    most_articles: Articles | None = None
    max_duration_minutes: Minutes | None = None
    auto_reason: Reason | None = None
    auto_per_day: PerDay | None = None
    auto_until: datetime | None = None


class ProcessOut(BaseModel):
    """A process, with the ids of its logins and prompts."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    description: str
    platform_id: str
    owner_id: str | None
    model_id: str
    generate_only: bool
    is_hidden: bool
    looks_once: bool
    tab: str
    category: str
    task: str
    search: str
    most_articles: int
    max_duration_minutes: int
    auto_reason: str
    auto_by: str
    auto_per_day: int
    auto_until: datetime | None
    state: ProcessState
    reason: str
    trouble: str
    looks: int
    empty_looks: int
    next_look_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    last_activity_at: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime
    login_ids: list[str] = Field(default_factory=list)
    prompt_ids: list[str] = Field(default_factory=list)


class StageStatus(BaseModel):
    """One of the four stages: comments that wait for it, that a job has in its hands, and that failed in it.

    `job_id` and `job_state` are those of its latest pass; None if there was none, or its record has expired.
    """

    stage: Stage
    waiting: int
    at_work: int
    failed: int
    job_id: str | None = None
    job_state: str | None = None


class PipelineStatus(BaseModel):
    """How far a process is."""

    process_id: str
    state: ProcessState
    reason: str
    trouble: str
    next_look_at: datetime | None
    stages: list[StageStatus]
    counts: dict[str, int]
    """Of comments by state, every state named."""
    total: int


class CommentFilter(BaseModel):
    """Which comments; what is empty does not count. `search` is looked for in titles, authors and texts."""

    model_config = ConfigDict(extra="forbid")

    process_id: str = ""
    platform_id: str = ""
    article_id: str = ""
    login_id: str = ""
    states: list[CommentState] = Field(default_factory=list)
    search: Annotated[str, Field(max_length=200)] = ""


class CommentOut(BaseModel):
    """A comment. `html` is what is sent; `remote_id` the site's own number of it, `remote_text` what was read back."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    process_id: str
    article_id: str
    login_id: str
    login_name: str
    prompt_key: str
    state: CommentState
    html: str
    language: str
    reasoning: str
    warnings: list[Any]
    writer: str
    model: str
    prompt_label: str
    cost_micro: int
    input_tokens: int
    output_tokens: int
    is_hidden: bool
    error: str
    failed_at_stage: str
    job_id: str | None
    attempts: int
    approved_by: str
    approved_at: datetime | None
    decision_note: str
    remote_id: str
    remote_url: str
    remote_text: str
    is_pending_there: bool
    posted_at: datetime | None
    created_at: datetime
    updated_at: datetime


class ArticleOut(BaseModel):
    """An article that comments are about, as it was when it was read last. Its text is a stranger's."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    platform_id: str
    remote_id: str
    url: str
    title: str
    author: str
    category: str
    task: str
    text: str
    published_at: datetime | None
    edited_at: datetime | None
    read_at: datetime | None


class OptOutIn(_In):
    """Somebody who wants no comments of ours: an author of the site, or with none the whole site."""

    author: Annotated[str, Field(max_length=200)] = ""
    reason: Reason = ""


class OptOutOut(BaseModel):
    """An opt-out."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    platform_id: str
    author: str
    reason: str
    created_by: str
    created_at: datetime


@dataclass(frozen=True)
class Decided:
    """How many comments a decision was carried out for, and why not for the others, by their ids."""

    done: int
    refused: dict[str, str]


@dataclass(frozen=True)
class Replacement:
    """A comment that holds a text which is replaced: how often, and where first. `refused` says why it stays as it is,
    `warnings` what is wrong with the new text."""

    id: str
    title: str
    count: int
    lead: str
    was: str
    becomes: str
    tail: str
    refused: str
    warnings: list[str]
    was_approved: bool


@dataclass(frozen=True)
class Replaced:
    """In how many comments a text is replaced, why not in others, by their ids, how many do not hold it (`without`),
    and how many approvals that takes back."""

    done: int
    refused: dict[str, str]
    without: int
    approvals: int
    items: list[Replacement]
