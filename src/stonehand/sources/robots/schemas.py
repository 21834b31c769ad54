"""Leave to fetch, at the border."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from stonehand.sources.robots import rules
from stonehand.sources.robots.asking import Said
from stonehand.sources.robots.overruling import LONGEST
from stonehand.sources.robots.rules import Outcome


class LeaveOut(BaseModel):
    """What robots.txt said of a page. `rule` is the line that decided, if one did; `group` is whom it is for."""

    outcome: Outcome
    place: str
    rule: str = ""
    group: str = ""
    sentence: str = ""

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Self | None:
        """A decision as it was kept with an article."""
        if not kept:
            return None
        decision = rules.of_dict(kept)
        shown = {name: getattr(decision, name) for name in ("outcome", "place", "rule", "group")}
        return cls(**shown, sentence=decision.sentence())


class RobotsOut(LeaveOut):
    """What a site's robots.txt says now, how many seconds it wants between two questions, and how long that counts."""

    may_fetch: bool
    crawl_delay: float
    checked_at: datetime
    expires_at: datetime

    @classmethod
    def said(cls, said: Said) -> Self:
        """At the border."""
        decision = said.decision
        return cls(
            outcome=decision.outcome,
            place=decision.place,
            rule=decision.rule,
            group=decision.group,
            sentence=decision.sentence(),
            may_fetch=decision.may_fetch,
            crawl_delay=said.crawl_delay,
            checked_at=said.checked_at,
            expires_at=said.expires_at,
        )


class Overrule(BaseModel):
    """Why the pages of a source are fetched although their robots.txt forbids it."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    reason: str = Field(min_length=3, max_length=LONGEST)
