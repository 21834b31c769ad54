"""From what was spent to what its page shows."""

from __future__ import annotations

from datetime import date

from stonehand.db import Session
from stonehand.llm import queries
from stonehand.llm.queries import By, Window
from stonehand.llm.schemas import SpentOut
from stonehand.reports import spending
from stonehand.web import charts
from stonehand.web.pages.model_health import taken
from stonehand.web.pages.models import UsageRow, UsageTable, UsageView
from stonehand.web.pages.parts import Tab

WINDOWS = (7, 30, 90, 365)
SHOWN = 15
TABLES: tuple[tuple[By, str], ...] = (
    ("model", "By model"),
    ("purpose", "By purpose"),
    ("agent", "By agent"),
    ("source", "By source"),
    ("user", "By user"),
    ("configuration", "By configuration"),
    ("outcome", "By outcome"),
)


def index(session: Session, days: int, until: date | None = None) -> UsageView:
    """The last so many days."""
    asked = spending.window(None, until, days)
    daily = queries.by_day(session, asked)
    whole = queries.total(daily)
    return UsageView(
        since=asked.since,
        until=asked.until,
        windows=tuple(Tab(f"{each} days", f"/usage?days={each}", active=each == days) for each in WINDOWS),
        cost=money(whole.cost_micro / 1e6),
        calls=whole.calls,
        failed=whole.failed,
        tokens=whole.input_tokens + whole.output_tokens,
        curve=charts.line([each.key for each in daily], [each.cost_micro / 1e6 for each in daily])
        if whole.calls
        else None,
        tables=tuple(filter(None, (_table(session, asked, by, title) for by, title in TABLES))),
    )


def _table(session: Session, asked: Window, by: By, title: str) -> UsageTable | None:
    """None if nobody of this kind has paid anything."""
    found = spending.lines(session, asked, by)[:SHOWN]
    if not any(each.key for each in found):
        return None
    widths = charts.bars([each.cost for each in found])
    return UsageTable(by, title, tuple(_row(each, width) for each, width in zip(found, widths, strict=True)))


def _row(each: SpentOut, width: float) -> UsageRow:
    tokens = each.input_tokens + each.output_tokens
    return UsageRow(each.name, money(each.cost), each.calls, each.failed, tokens, taken(each.took_ms), width)


def money(amount: float) -> str:
    """To four places, since calls cost little."""
    return f"{amount:.4f}".rstrip("0").rstrip(".")
