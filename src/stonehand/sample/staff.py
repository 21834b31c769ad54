"""The agent of the sample newsroom: it writes every morning, without a model, until somebody takes it away."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from stonehand.accounts.permissions import Person, granted
from stonehand.agents import service, timing
from stonehand.agents.models import Agent
from stonehand.agents.wishes import Quotas, When, Wish
from stonehand.db import Session

NAME = "Harbour desk (sample)"
BY = Person("", "", "the sample newsroom", "editor", granted("editor"))
CRON, ZONE = "30 7 * * *", "UTC"
BRIEF = "What changes in the ports and towns of the coast: works, ships, money, and who decides."
KEYWORDS = ("harbour", "port", "ferry", "council")


def add_agent(session: Session, source_ids: Sequence[str]) -> bool:
    """Let it work for these sources. Returns whether it is new: it is made once, even if it was removed since."""
    if session.scalar(sa.select(Agent.id).where(sa.or_(Agent.is_sample, Agent.name == NAME)).limit(1)):
        return False
    wish = Wish(
        name=NAME,
        brief=BRIEF,
        tone="plain",
        length="short",
        source_ids=tuple(source_ids),
        keywords=KEYWORDS,
        quotas=Quotas(posts_per_day=1),
    )
    service.create(session, BY, wish, When(CRON, ZONE, "skip"), is_sample=True)
    return True


def remove_agent(session: Session) -> bool:
    """Take it away with its schedule and its history. Returns whether there was one."""
    found = list(session.scalars(sa.select(Agent).where(Agent.is_sample)))
    for agent in found:
        timing.remove(session, agent)
        session.delete(agent)
    session.flush()
    return bool(found)
