"""Agents at the border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from stonehand.agents import queries, quotas, timing
from stonehand.agents.models import Agent, AgentRun
from stonehand.agents.planning import Choice, Plan
from stonehand.agents.quotas import Amount
from stonehand.agents.scoring import Part
from stonehand.agents.states import WORDS, RunState, Why
from stonehand.agents.wishes import LONGEST, Quotas, When, Wish
from stonehand.db import Session, now
from stonehand.jobs.clock.schedule_schemas import DueOut, words_of

MICRO = 1_000_000
Length = Literal["short", "medium", "long", "very_long"]
WritesOf = Literal["topics", "items"]
Missed = Literal["once", "run_once", "skip", "all"]
Words = Annotated[list[str], Field(max_length=100)]
Ids = Annotated[list[str], Field(max_length=500)]
Count = Annotated[int | None, Field(ge=0, le=10**9, description="Null is no limit.")]
Money = Annotated[float | None, Field(ge=0, le=10**6, description="In the budget's currency; null is no limit.")]
Cron = Annotated[
    str, Field(max_length=120, examples=["0 9 * * MON-FRI"], description="Empty: it never writes by itself.")
]


class QuotasIn(BaseModel):
    """What an agent may use up in a day and in a month (UTC)."""

    model_config = ConfigDict(extra="forbid")

    posts_per_day: Count = None
    posts_per_month: Count = None
    tokens_per_day: Count = None
    tokens_per_month: Count = None
    money_per_day: Money = None
    money_per_month: Money = None

    def over(self, before: Quotas) -> Quotas:
        """These limits, and those of before where nothing was said."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        told = {name: value for name, value in given.items() if not name.startswith("money")}
        for word in ("day", "month"):
            if (name := f"money_per_{word}") in given:
                told[f"micro_per_{word}"] = None if given[name] is None else round(given[name] * MICRO)
        return Quotas(**asdict(before) | told)

    @classmethod
    def of(cls, found: Quotas) -> Self:
        """As they are kept."""
        told = {name: value for name, value in asdict(found).items() if not name.startswith("micro")}
        for word in ("day", "month"):
            micro = getattr(found, f"micro_per_{word}")
            told[f"money_per_{word}"] = None if micro is None else micro / MICRO
        return cls(**told)


class AgentChange(BaseModel):
    """What to change of an agent; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=LONGEST["name"])
    brief: str = Field(default="", max_length=LONGEST["brief"], description="What it should write about, in words.")
    expertise: str = Field(default="", max_length=LONGEST["expertise"])
    persona: str = Field(default="", max_length=LONGEST["persona"])
    tone: str = Field(default="", max_length=LONGEST["tone"])
    length: Length = Field(
        default="medium",
        validation_alias=AliasChoices("length", "post_length"),
        description="About 500, 1000, 2000 or 3000 words; `post_length` formerly.",
    )
    language: str = Field(
        default="",
        max_length=12,
        description="In which it writes, such as `en`; empty: that of the sources. Topics are taken from any.",
    )
    source_ids: Ids = Field(default_factory=list, description="The sources it may use; none means all.")
    keywords: Words = Field(default_factory=list)
    excluded_keywords: Words = Field(
        default_factory=list, description="What it never writes about; `word*` for beginnings."
    )
    prompt_id: str = Field(
        default="",
        max_length=64,
        validation_alias=AliasChoices("prompt_id", "prompt"),
        description="By which it writes: an id, a slug or a name, perhaps with a version (`our-style@2`).",
    )
    model_id: str = Field(
        default="",
        max_length=64,
        validation_alias=AliasChoices("model_id", "model"),
        description="The model that is asked first: an id or a name.",
    )
    channel_ids: Ids = Field(default_factory=list, description="Where its pieces usually go; a reviewer decides.")
    writes_of: WritesOf = "topics"
    quotas: QuotasIn = Field(default_factory=QuotasIn)
    schedule_cron: Cron = ""
    timezone: str = Field(default="", max_length=60, description="An IANA zone; the newsroom's own if left out.")
    missed: Missed = "once"

    def changes(self, before: Quotas) -> dict[str, Any]:
        """What was said, as fields of `wishes.Wish`."""
        given = self.model_dump(include=self.model_fields_set - {"schedule_cron", "timezone", "missed", "quotas"})
        told = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        if "excluded_keywords" in told:
            told["excluded"] = told.pop("excluded_keywords")
        return told | ({"quotas": self.quotas.over(before)} if "quotas" in self.model_fields_set else {})

    def when(self, before: When) -> When | None:
        """When it should write, if that was said; what was not said stays."""
        said = self.model_fields_set & {"schedule_cron", "timezone", "missed"}
        if not said or (not before.cron and not self.schedule_cron):
            return None
        return When(
            self.schedule_cron if "schedule_cron" in said else before.cron,
            self.timezone if "timezone" in said else before.timezone,
            self.missed if "missed" in said else before.missed,
        )


class AgentIn(AgentChange):
    """A new agent."""

    name: str = Field(max_length=LONGEST["name"], examples=["Harbour desk"])

    def wish(self) -> Wish:
        """As the room wants it."""
        return Wish(**self.changes(Quotas()))

    def wanted(self) -> When:
        """When it should write by itself."""
        return When(self.schedule_cron, self.timezone, self.missed)


class Used(BaseModel):
    """Posts, tokens and money that were spent or set aside."""

    posts: int
    tokens: int
    money: float

    @classmethod
    def of(cls, amount: Amount) -> Self:
        """In the budget's currency."""
        return cls(posts=amount.posts, tokens=amount.tokens, money=amount.micro / MICRO)


class RunOut(BaseModel):
    """A run of an agent. `reasons` say why this topic; `note` what went wrong, or what it came to."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    why: Why
    words: str
    state: RunState
    topic: str
    keyword: str
    reasons: dict[str, Any]
    article_count: int
    draft_id: str | None
    job_id: str
    due_at: datetime | None
    model: str
    prompt: str
    tokens: int
    money: float
    note: str
    asked_by: str
    began_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, run: AgentRun) -> Self:
        """One line of the history."""
        same = {name: getattr(run, name) for name in cls.model_fields if name not in ("words", "money")}
        return cls(**same, words=WORDS[Why(run.why)], money=run.cost_micro / MICRO)


class AgentOut(BaseModel):
    """An agent, its schedule with the next five runs, what it has used, and its last run."""

    id: str
    name: str
    brief: str
    expertise: str
    persona: str
    tone: str
    length: str
    language: str
    source_ids: list[str]
    keywords: list[str]
    excluded_keywords: list[str]
    prompt_id: str
    model_id: str
    channel_ids: list[str]
    writes_of: str
    quotas: QuotasIn
    state: str
    note: str
    schedule: str | None
    schedule_cron: str
    timezone: str
    missed: str
    schedule_words: str
    next_runs: list[DueOut]
    used_today: Used
    used_this_month: Used
    last_run: RunOut | None
    is_sample: bool
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, session: Session, agent: Agent) -> Self:
        """As it stands."""
        return cls.of_all(session, [agent])[0]

    @classmethod
    def of_all(cls, session: Session, agents: Sequence[Agent]) -> list[Self]:
        """Each as it stands."""
        moment, ids = now(session), [each.id for each in agents]
        day = moment.date().isoformat()
        used = [queries.usage(session, ids, period) for period in (day, day[:7])]
        last, found = queries.last_runs(session, ids), queries.schedules(session, agents)
        return [
            cls(
                **{name: getattr(each, name) for name in cls.model_fields if name in _PLAIN},
                excluded_keywords=each.excluded,
                quotas=QuotasIn.of(quotas.of(each)),
                **_timed(each, found.get(each.id), moment),
                used_today=Used.of(used[0].get(each.id, Amount())),
                used_this_month=Used.of(used[1].get(each.id, Amount())),
                last_run=RunOut.of(last[each.id]) if each.id in last else None,
            )
            for each in agents
        ]


_PLAIN = (
    *("id", "name", "brief", "expertise", "persona", "tone", "length", "language", "source_ids", "keywords"),
    *("prompt_id", "model_id", "channel_ids", "writes_of", "state", "note", "is_sample"),
    *("created_by", "created_at", "updated_at"),
)


def _timed(agent: Agent, found: Any, moment: datetime) -> dict[str, Any]:
    when = timing.when(found)
    return {
        "schedule": found.name if found else None,
        "schedule_cron": when.cron,
        "timezone": when.timezone,
        "missed": when.missed,
        "schedule_words": words_of(found) if found else "never by itself",
        "next_runs": [DueOut.of(at, when.timezone) for at in timing.upcoming(found, moment)],
    }


class PartOut(BaseModel):
    """A part of a topic's score, from 0 to 1, and why."""

    name: str
    score: float
    reason: str

    @classmethod
    def all_of(cls, parts: dict[str, Part]) -> list[Self]:
        """In their order."""
        return [cls(name=name, score=round(part.score, 3), reason=part.reason) for name, part in parts.items()]


class ChoiceOut(BaseModel):
    """Something it could write about; `why_not` is empty if it would."""

    title: str
    keyword: str
    score: float
    parts: list[PartOut]
    why_not: str
    story_id: str
    entry_id: str
    article_ids: list[str]
    outlets: int

    @classmethod
    def of(cls, choice: Choice) -> Self:
        """With its reasons."""
        found = choice.candidate
        return cls(
            title=found.title,
            keyword=found.keyword,
            score=choice.score,
            parts=PartOut.all_of(choice.parts),
            why_not=choice.why_not,
            story_id=found.story_id,
            entry_id=found.entry_id,
            article_ids=list(found.article_ids),
            outlets=found.outlets,
        )


class PlanOut(BaseModel):
    """What an agent would do now. `blocks` say why it would not."""

    would_write: list[ChoiceOut]
    blocks: list[str]
    others: list[ChoiceOut]
    looked_at: int

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Told."""
        chosen, others = ([ChoiceOut.of(each) for each in some] for some in (plan.chosen, plan.others))
        return cls(would_write=chosen, blocks=list(plan.blocks), others=others, looked_at=plan.looked_at)
