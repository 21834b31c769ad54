"""Reports at the border."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from stonehand.reports import queries
from stonehand.reports.counting import MOST
from stonehand.reports.models import Report


class ReportOut(BaseModel):
    """A report without its sections. `since` is its first day (UTC), `until` the first after it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    since: date
    until: date
    key_figures: dict[str, float]
    made_at: datetime


class FigureOut(BaseModel):
    """A number with its name; null if nothing can be said."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    words: str
    value: float | None
    unit: str


class TableOut(BaseModel):
    """Rows under columns; `links` say where each row leads, if anywhere."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | int | float | None]]
    chart: str
    links: Sequence[str]


class SectionOut(BaseModel):
    """A chapter of a report."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    title: str
    figures: Sequence[FigureOut]
    tables: Sequence[TableOut]
    note: str


class ReportWhole(ReportOut):
    """A report with all that it says."""

    sections: Sequence[SectionOut]

    @classmethod
    def of(cls, found: Report) -> Self:
        """The whole report."""
        told = [SectionOut.model_validate(each) for each in queries.sections(found)]
        return cls(**ReportOut.model_validate(found).model_dump(), sections=told)


class AnalyticsOut(BaseModel):
    """What came of an article, as of `updated_at`; null until somebody has asked."""

    article_id: str
    figures: dict[str, Any] | None
    updated_at: datetime | None


class CountIn(BaseModel):
    """Deeds to add to what is counted of an article or of a published piece."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(pattern="^(article|publication)$")
    id: str = Field(min_length=1, max_length=36, pattern=r"^[A-Za-z0-9._-]+$")
    day: date | None = Field(default=None, description="UTC; today if it is left out.")
    views: int = Field(default=0, ge=0, le=MOST)
    reads: int = Field(default=0, ge=0, le=MOST)
    seconds: int = Field(default=0, ge=0, le=MOST)
    shares: int = Field(default=0, ge=0, le=MOST)

    def counts(self) -> dict[str, int]:
        """By name."""
        return {"views": self.views, "reads": self.reads, "seconds": self.seconds, "shares": self.shares}
