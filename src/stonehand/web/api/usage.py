"""What language models have cost, by day, model, purpose and whoever paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import ConfigDict, Field
from starlette.responses import Response

from stonehand import db
from stonehand.llm.queries import By, Window
from stonehand.llm.schemas import SpentOut
from stonehand.reports import spending
from stonehand.web.api.contract import Page, Wish, whole
from stonehand.web.deps import Reader

router = APIRouter(tags=["models"])
Id = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9._-]*$")]
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}


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
        return spending.window(self.since, self.until, **self.model_dump(exclude={"since", "until", "by"}))


@router.get("/usage", summary="What language models have cost")
def usage(person: Reader, wish: Annotated[UsageWish, Query()]) -> Page[SpentOut]:
    """Day after day, or the largest first. Calls that still run count with what is set aside for them."""
    asked = wish.window
    with db.database().read() as session:
        return whole(spending.lines(session, asked, wish.by))


@router.get("/usage/csv", response_class=Response, responses=CSV, summary="The same as CSV")
def export(person: Reader, wish: Annotated[UsageWish, Query()]) -> Response:
    """For a spreadsheet."""
    asked = wish.window
    with db.database().read() as session:
        found = spending.lines(session, asked, wish.by)
    return written(found, f"stonehand-usage-by-{wish.by}-{asked.since}-{asked.until}.csv")


def written(found: Sequence[SpentOut], name: str) -> Response:
    """The answer that is saved as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(spending.as_csv(found), media_type="text/csv; charset=utf-8", headers=headers)
