"""Reports: the list with curves, one report, and what came of an article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stonehand.web.charts import Line
from stonehand.web.pages.parts import ONE_PAGE, Link, Pager, Tab

LONGEST_NUMBER = 16  # letters


@dataclass(frozen=True)
class FigureView:
    """A number as it is said, and perhaps its course over the last reports."""

    words: str
    value: str
    course: tuple[float, ...] = ()


@dataclass(frozen=True)
class RowView:
    """A row of a table: its first cell with where it leads, the others, and the width of its bar."""

    first: str
    href: str
    cells: tuple[str, ...]
    bar: float | None = None


@dataclass(frozen=True)
class TableView:
    """A table, as rows with bars or beside a curve."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[RowView, ...]
    line: Line | None = None

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Which of the columns after the first hold numbers, and no sentence such as a reason."""
        places = range(len(self.columns) - 1)
        return tuple(all(len(row.cells[at]) <= LONGEST_NUMBER for row in self.rows) for at in places)


@dataclass(frozen=True)
class SectionView:
    """A chapter."""

    key: str
    title: str
    figures: tuple[FigureView, ...]
    tables: tuple[TableView, ...]
    note: str = ""


@dataclass(frozen=True)
class ReportCard:
    """One line of the list."""

    id: str
    title: str
    kind: str
    words: str
    made_at: datetime


@dataclass(frozen=True)
class ReportsView:
    """What there is, and how things went lately."""

    tabs: tuple[Tab, ...]
    reports: tuple[ReportCard, ...]
    figures: tuple[FigureView, ...]
    latest: Link | None
    can_edit: bool
    day: str = ""
    error: str = ""
    pager: Pager = ONE_PAGE


@dataclass(frozen=True)
class ReportView:
    """One report."""

    id: str
    title: str
    kind: str
    sections: tuple[SectionView, ...]
    made_at: datetime
    earlier: Link | None = None
    later: Link | None = None


@dataclass(frozen=True)
class AnalyticsView:
    """What came of one article."""

    id: str
    title: str
    figures: tuple[FigureView, ...]
    updated_at: datetime | None
    can_edit: bool
    story: Link | None = None
