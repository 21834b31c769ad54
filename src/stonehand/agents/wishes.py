"""What somebody wants of an agent, checked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from stonehand.agents.errors import AgentUnfit
from stonehand.agents.states import WritesOf

LENGTHS = {"short": 500, "medium": 1000, "long": 2000, "very_long": 3000}
"""Words of a piece."""
LONGEST = {"name": 80, "brief": 4000, "expertise": 2000, "persona": 2000, "tone": 200, "prompt_id": 64, "model_id": 64}
MOST_WORDS, MOST_SOURCES, MOST_CHANNELS = 100, 500, 20
LARGEST = 10**12
LANGUAGE = re.compile(r"([a-z]{2,3}(-[A-Za-z0-9]{2,8})?)?")


@dataclass(frozen=True)
class Quotas:
    """What an agent may use up in a day and in a month (UTC); None is no limit. Money is in millionths."""

    posts_per_day: int | None = None
    posts_per_month: int | None = None
    tokens_per_day: int | None = None
    tokens_per_month: int | None = None
    micro_per_day: int | None = None
    micro_per_month: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class Wish:
    """An agent as somebody wants it."""

    name: str
    brief: str = ""
    expertise: str = ""
    persona: str = ""
    tone: str = ""
    length: str = "medium"
    language: str = ""
    source_ids: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    prompt_id: str = ""
    model_id: str = ""
    channel_ids: tuple[str, ...] = ()
    writes_of: str = WritesOf.TOPICS
    quotas: Quotas = field(default_factory=Quotas)


@dataclass(frozen=True)
class When:
    """When it writes by itself; without a cron expression never. Without a time zone, by the newsroom's clocks."""

    cron: str = ""
    timezone: str = ""
    missed: str = "once"


def missed(word: str) -> str:
    """The rule for missed times by its name, or by the one it had before."""
    return {"run_once": "once"}.get(word, word)


def check(wish: Wish) -> Wish:
    """The wish with tidy words and each id once. Raises `AgentUnfit`."""
    texts: dict[str, Any] = {name: getattr(wish, name).strip() for name in LONGEST}
    texts["name"] = " ".join(texts["name"].split())
    for name, longest in LONGEST.items():
        if len(texts[name]) > longest or "\0" in texts[name]:
            raise AgentUnfit(f"the {name.replace('_', ' ')} has {len(texts[name])} characters; {longest} at most")
    if not any(letter.isalnum() for letter in texts["name"]):
        raise AgentUnfit("an agent needs a name, such as Harbour desk")
    _check_choices(wish)
    return replace(
        wish,
        **texts,
        source_ids=_each_once(wish.source_ids, MOST_SOURCES, "sources"),
        channel_ids=_each_once(wish.channel_ids, MOST_CHANNELS, "channels"),
        keywords=_each_once(wish.keywords, MOST_WORDS, "keywords"),
        excluded=_each_once(wish.excluded, MOST_WORDS, "excluded keywords"),
    )


def _check_choices(wish: Wish) -> None:
    if wish.length not in LENGTHS:
        raise AgentUnfit(f"{wish.length[:40]!r} is no length; choose {', '.join(LENGTHS)}")
    if wish.writes_of not in set(WritesOf):
        raise AgentUnfit(f"{wish.writes_of[:40]!r} is nothing to write of; choose {', '.join(WritesOf)}")
    if not LANGUAGE.fullmatch(wish.language):
        raise AgentUnfit(f"{wish.language[:40]!r} is no language; write two letters, such as en, or leave it empty")
    for name, value in asdict(wish.quotas).items():
        if value is not None and not 0 <= value <= LARGEST:
            raise AgentUnfit(f"the quota {name} is {value}; give 0 or more, or leave it empty for no limit")


def _each_once(given: Iterable[str], most: int, what: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(each.strip() for each in given if each.strip()))
    if len(found) > most:
        raise AgentUnfit(f"{len(found)} {what} are too many; {most} at most")
    if wrong := next((each for each in found if len(each) > 120 or "\0" in each), None):
        raise AgentUnfit(f"{wrong[:60]!r} among the {what} is longer than 120 characters")
    return found
