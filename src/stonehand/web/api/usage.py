"""What language models have cost, by day, model, purpose and whoever paid."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.responses import Response

from stonehand import db
from stonehand.db import Session
from stonehand.errors import Rejected
from stonehand.llm import queries
from stonehand.llm.queries import By, Window
from stonehand.llm.schemas import SpentOut
from stonehand.web import payers
from stonehand.web.api.contract import Page, Wish, whole
from stonehand.web.deps import Reader

router = APIRouter(tags=["models"])
DAYS, MOST_DAYS = 30, 366
Id = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")]
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}
COLUMNS = ("key", "name", "calls", "failed", "cost", "input_tokens", "output_tokens")


class WindowUnfit(Rejected):
    """Days that are no window."""


def window(since: date | None, until: date | None, **only: str) -> Window:
    """The days asked for, or the last 30. Raises `WindowUnfit`."""
    until = until or db.utc_now().date()
    since = since or until - timedelta(days=DAYS - 1)
    if not timedelta() <= until - since < timedelta(days=MOST_DAYS):
        raise WindowUnfit(f"from {since} to {until} is no time of up to {MOST_DAYS} days")
    return Window(since, until, **only)


def lines(session: Session, asked: Window, by: By) -> list[SpentOut]:
    """What was spent, with names."""
    spent = queries.by_day(session, asked) if by == "day" else queries.spending(session, asked, by)
    named = payers.called(session, by, [each.key for each in spent])
    return [SpentOut.of(each, named.get(each.key, "")) for each in spent]


class UsageWish(Wish):
    """Which calls, and what a line is about. Days are in UTC and included; without them, the last 30."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())

    since: date | None = None
    until: date | None = None
    by: By = "day"
    agent_id: Id = ""
    source_id: Id = ""
    user_id: Id = ""
    model_id: Id = ""
    purpose: Id = ""

    @property
    def window(self) -> Window:
        """Raises `WindowUnfit`."""
        return window(self.since, self.until, **self.model_dump(exclude={"since", "until", "by"}))


@router.get("/usage", summary="What language models have cost")
def usage(person: Reader, wish: Annotated[UsageWish, Query()]) -> Page[SpentOut]:
    """Day after day, or the largest first. Calls that still run count with what is set aside for them."""
    asked = wish.window
    with db.database().read() as session:
        return whole(lines(session, asked, wish.by))


@router.get("/usage/csv", response_class=Response, responses=CSV, summary="The same as CSV")
def export(person: Reader, wish: Annotated[UsageWish, Query()]) -> Response:
    """For a spreadsheet."""
    asked = wish.window
    with db.database().read() as session:
        found = lines(session, asked, wish.by)
    return written(found, f"stonehand-usage-by-{wish.by}-{asked.since}-{asked.until}.csv")


def written(found: list[SpentOut], name: str) -> Response:
    """The answer that is saved as a file. No cell can become a formula."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in found:
        writer.writerow([_harmless(value) for value in each.model_dump(include=set(COLUMNS)).values()])
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(sheet.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
