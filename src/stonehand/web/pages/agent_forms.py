"""What is typed into the form of an agent, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from stonehand import config
from stonehand.agents import quotas, timing, tools
from stonehand.agents.errors import AgentUnfit
from stonehand.agents.models import Agent
from stonehand.agents.schemas import AgentChange, QuotasIn
from stonehand.channels import queries as channels
from stonehand.db import Session
from stonehand.jobs.clock.timetable import zones
from stonehand.sources import queries as sources
from stonehand.web.pages.agents import AgentForm, Option

SAFE = r"^[^\x00]*$"
Short = Annotated[str, Field(max_length=1000, pattern=SAFE)]
Long = Annotated[str, Field(max_length=20_000, pattern=SAFE)]
Chosen = Annotated[list[Short], Field(max_length=600)]
Shape = TypeVar("Shape", bound=AgentChange)
LENGTHS = {"short": "short, 500 words", "medium": "medium, 1000", "long": "long, 2000", "very_long": "very long, 3000"}
KINDS = {"topics": "the best topic of its sources", "items": "new items of its feeds, three a run"}
RULES = {
    "once": "one run for all of them",
    "skip": "no run, but for the last minute",
    "all": "one run for each",
}
QUOTAS = tuple(QuotasIn.model_fields)
PLAIN = ("name", "brief", "expertise", "persona", "tone", "length", "language", "prompt_id", "model_id", "writes_of")
TIMES = ("schedule_cron", "timezone", "missed")


class Typed(BaseModel):
    """The fields as they were sent."""

    name: Short = ""
    brief: Long = ""
    expertise: Long = ""
    persona: Long = ""
    tone: Short = ""
    length: Short = "medium"
    language: Short = ""
    source_ids: Chosen = []
    keywords: Long = ""
    excluded_keywords: Long = ""
    prompt_id: Short = ""
    model_id: Short = ""
    channel_ids: Chosen = []
    writes_of: Short = "topics"
    schedule_cron: Short = ""
    timezone: Short = ""
    missed: Short = "once"
    posts_per_day: Short = ""
    posts_per_month: Short = ""
    tokens_per_day: Short = ""
    tokens_per_month: Short = ""
    money_per_day: Short = ""
    money_per_month: Short = ""

    def told(self, shape: type[Shape]) -> Shape:
        """As the API would be told it. Raises `AgentUnfit`."""
        given: dict[str, Any] = {name: getattr(self, name).strip() for name in (*PLAIN, *TIMES)}
        given |= {"source_ids": self.source_ids, "channel_ids": self.channel_ids}
        given |= {name: _words(getattr(self, name)) for name in ("keywords", "excluded_keywords")}
        given["quotas"] = {name: getattr(self, name).strip().replace(",", ".") or None for name in QUOTAS}
        try:
            return shape.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = str(first["loc"][-1]).replace("_", " ")
            raise AgentUnfit(f"{where}: {first['msg'].lower()}") from None

    def values(self) -> dict[str, str]:
        """To be shown again."""
        return {name: value for name, value in self.model_dump().items() if isinstance(value, str)}


def _words(text: str) -> list[str]:
    return [each.strip() for line in text.splitlines() for each in line.split(",") if each.strip()]


def blank() -> Typed:
    """A new agent."""
    return Typed(posts_per_day="3", timezone=config.settings().timezone)


def of(session: Session, agent: Agent) -> Typed:
    """An agent as it is."""
    when = timing.when(timing.schedule(session, agent))
    limits = QuotasIn.of(quotas.of(agent)).model_dump()
    return Typed(
        **{name: getattr(agent, name) for name in PLAIN},
        source_ids=agent.source_ids,
        channel_ids=agent.channel_ids,
        keywords=", ".join(agent.keywords),
        excluded_keywords=", ".join(agent.excluded),
        schedule_cron=when.cron,
        timezone=when.timezone,
        missed=when.missed,
        **{name: "" if value is None else f"{value:g}" for name, value in limits.items()},
    )


def form(session: Session, typed: Typed, agent: Agent | None, error: str = "") -> AgentForm:
    """The form, as it was typed."""
    back = f"/agents/{agent.id}" if agent else "/agents"
    return AgentForm(
        title=f"Change {agent.name}" if agent else "New agent",
        action=f"{back}/edit" if agent else "/agents/new",
        values=typed.values(),
        lengths=_options(LENGTHS, [typed.length]),
        kinds=_options(KINDS, [typed.writes_of]),
        rules=_options(RULES, [typed.missed]),
        sources=_options({each.id: each.title or each.url for each in sources.all_sources(session)}, typed.source_ids),
        prompts=_prompts(session, typed.prompt_id),
        models=_models(session, typed.model_id),
        channels=_options({each.id: each.name for each in channels.channels(session)}, typed.channel_ids),
        zones=tuple(sorted(zones())),
        error=error,
        back=back,
    )


def _prompts(session: Session, chosen: str) -> tuple[Option, ...]:
    known = {each.text.id: each.text.name for each in tools.offered_prompts(session)}
    here = {chosen: tools.prompt_name(session, chosen)} if chosen and chosen not in known else {}
    return _options({"": "the usual one"} | known | here, [chosen])


def _models(session: Session, chosen: str) -> tuple[Option, ...]:
    every = {each.id: each for each in tools.offered_models(session)}
    known = {id_: f"{each.name}, {each.model}" for id_, each in every.items() if each.is_enabled or id_ == chosen}
    here = {chosen: tools.model_name(session, chosen)} if chosen and chosen not in known else {}
    return _options({"": "in the usual order"} | known | here, [chosen])


def _options(words: dict[str, str], chosen: Sequence[str]) -> tuple[Option, ...]:
    return tuple(Option(value, told, value in chosen) for value, told in words.items())
