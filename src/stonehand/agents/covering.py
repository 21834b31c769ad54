"""What an agent has written about, remembered for good, so that it writes about nothing twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import sqlalchemy as sa

from stonehand.agents.models import AgentCovered
from stonehand.db import Session, insert, now
from stonehand.nlp import lexical

ALIKE = 0.5  # the share of common words from which on two titles speak of the same
TITLES = 2000  # the latest that a new title is compared with
LONGEST = 190  # characters of a title that are kept
CHUNK = 400
TITLE = "title:"


def title_key(title: str) -> str:
    """A title as it is remembered: its words that mean something."""
    return TITLE + " ".join(lexical.terms(title))[:LONGEST]


def cover(session: Session, agent_id: str, keys: Iterable[str], run_id: str | None) -> set[str]:
    """Remember these. Returns those that were new: whoever comes second gets nothing."""
    moment, found = now(session), set[str]()
    for key in dict.fromkeys(keys):
        row = insert(session, AgentCovered).values(agent_id=agent_id, key=key, run_id=run_id, at=moment)
        found |= set(session.scalars(row.on_conflict_do_nothing().returning(AgentCovered.key)))
    return found


def known(session: Session, agent_id: str, keys: Collection[str]) -> set[str]:
    """Which of these it has covered."""
    wanted, found = list(dict.fromkeys(keys)), set[str]()
    for start in range(0, len(wanted), CHUNK):
        some = AgentCovered.key.in_(wanted[start : start + CHUNK])
        found |= set(session.scalars(sa.select(AgentCovered.key).where(AgentCovered.agent_id == agent_id, some)))
    return found


def titles(session: Session, agent_id: str) -> list[str]:
    """The latest titles that it has covered, as words."""
    wish = sa.select(AgentCovered.key).where(AgentCovered.agent_id == agent_id, AgentCovered.key.startswith(TITLE))
    return [key.removeprefix(TITLE) for key in session.scalars(wish.order_by(AgentCovered.at.desc()).limit(TITLES))]


def like(title: str, others: Sequence[str]) -> str:
    """The first of these titles, given as words, that says the same (Jaccard above `ALIKE`); empty if none does."""
    mine = set(lexical.terms(title))
    for other in others:
        theirs = set(other.split())
        if mine and theirs and len(mine & theirs) / len(mine | theirs) > ALIKE:
            return other
    return ""


def uncover(session: Session, run_id: str) -> None:
    """Forget what a run that failed was about, so that it can be tried again; feed items stay seen."""
    mine = sa.delete(AgentCovered).where(AgentCovered.run_id == run_id, ~AgentCovered.key.startswith("entry:"))
    session.execute(mine)
