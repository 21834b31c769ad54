"""What was spent, in lines that people read: with names, by any of its sides, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import cast

from stonehand import db
from stonehand.accounts import queries as accounts
from stonehand.agents import queries as agents
from stonehand.db import Session
from stonehand.errors import Rejected
from stonehand.llm import configured, queries
from stonehand.llm.queries import By, Window
from stonehand.llm.schemas import SpentOut
from stonehand.sources import queries as sources

DAYS, MOST_DAYS = 30, 366
COLUMNS = ("key", "name", "calls", "failed", "cost", "input_tokens", "output_tokens", "took_ms")
NOBODY = {"agent": "no agent", "source": "no source", "user": "nobody in particular", "outcome": "still running"}
Names = Callable[[Session, Collection[str]], dict[str, str]]


class WindowUnfit(Rejected):
    """Days that are no window."""


def window(since: date | None, until: date | None, days: int = DAYS, **only: str) -> Window:
    """The days asked for, or the last ones. Raises `WindowUnfit`."""
    until = until or db.utc_now().date()
    since = since or until - timedelta(days=days - 1)
    if not timedelta() <= until - since < timedelta(days=MOST_DAYS):
        raise WindowUnfit(f"from {since} to {until} is no time of up to {MOST_DAYS} days")
    return Window(since, until, **only)


def side(word: str) -> By:
    """What a line is about, from a word. Raises `WindowUnfit`."""
    if word not in queries.COLUMNS:
        raise WindowUnfit(f"{word[:40]!r} is nothing to tell costs by; choose one of {', '.join(queries.COLUMNS)}")
    return cast(By, word)


def lines(session: Session, asked: Window, by: By) -> list[SpentOut]:
    """What was spent, with names."""
    spent = queries.by_day(session, asked) if by == "day" else queries.spending(session, asked, by)
    named = called(session, by, [each.key for each in spent])
    return [SpentOut.of(each, named.get(each.key, "")) for each in spent]


def _sources(session: Session, ids: Collection[str]) -> dict[str, str]:
    return {each.id: each.title or each.url for each in sources.by_ids(session, ids)}


NAMES: dict[str, Names] = {"user": accounts.names, "source": _sources, "agent": agents.names}


def called(session: Session, kind: str, ids: Collection[str]) -> dict[str, str]:
    """Names by id of agents, sources, users or models; whoever is gone is called by the id."""
    wanted = [each for each in ids if each]
    if kind in ("model", "configuration"):
        found = configured.names_of(session, wanted)
    else:
        found = NAMES[kind](session, wanted) if kind in NAMES and wanted else {}
    return {each: found.get(each) or each for each in wanted} | {"": NOBODY.get(kind, "")}


def as_csv(found: Sequence[SpentOut]) -> str:
    """For a spreadsheet (RFC 4180). No cell can become a formula."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(COLUMNS)
    for each in found:
        told = each.model_dump()
        writer.writerow([_harmless(told[name]) for name in COLUMNS])
    return sheet.getvalue()


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
