"""How configured models do: what they answered in the last days, and who is left alone until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from stonehand.db import Session, now
from stonehand.limits import pacing
from stonehand.llm import queries
from stonehand.llm.configured import Candidate
from stonehand.llm.queries import Spent, Window
from stonehand.llm.refusals import PAUSE
from stonehand.web.words import plural

DAYS = 7


@dataclass(frozen=True)
class Health:
    """In words: its calls, why its key was refused, and until when it rests, if so."""

    words: str = ""
    refused: str = ""
    rests: str = ""


def of(session: Session, found: Sequence[Candidate]) -> dict[str, Health]:
    """Of each of these, by id."""
    today = now(session).date()
    spent = queries.spending(session, Window(today - timedelta(days=DAYS - 1), today), "configuration")
    known = {each.key: each for each in spent}
    return {each.id: _one(session, each, known.get(each.id)) for each in found}


def _one(session: Session, each: Candidate, spent: Spent | None) -> Health:
    moment, seconds = now(session), pacing.rest(session, each.slot)
    rests = f"it asked to be left alone until {moment + timedelta(seconds=seconds):%H:%M:%S} UTC" if seconds else ""
    refused = each.refused_words
    if refused and each.refused_at and moment < each.refused_at + PAUSE:
        refused += f"; it is asked again at {each.refused_at + PAUSE:%H:%M} UTC"
    return Health(_told(spent), refused, rests)


def _told(spent: Spent | None) -> str:
    if spent is None:
        return f"not asked in {DAYS} days"
    failed = f", {spent.failed} without a usable answer" if spent.failed else ""
    return f"{plural(spent.calls, 'call')} in {DAYS} days{failed}{taken(spent.took_ms, ', ', ' on average')}"


def taken(milliseconds: int | None, before: str = "", after: str = "") -> str:
    """`1.3 s`; empty if nobody knows."""
    return "" if milliseconds is None else f"{before}{milliseconds / 1000:.1f} s{after}"
