"""What the pages of reports show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from stonehand.accounts.permissions import Person
from stonehand.articles import queries as articles
from stonehand.db import Session
from stonehand.reports import queries
from stonehand.reports.models import Report
from stonehand.reports.periods import DAILY, WEEKLY, Period
from stonehand.reports.sections import Figure, Section, Table
from stonehand.web import charts
from stonehand.web.pages.parts import Link, Pager, Tab
from stonehand.web.pages.reports import (
    AnalyticsView,
    FigureView,
    ReportCard,
    ReportsView,
    ReportView,
    RowView,
    SectionView,
    TableView,
)
from stonehand.web.words import number, plural

LISTED = 30
COURSES = (
    ("articles.originals", "originals read"),
    ("trends.begun", "stories begun"),
    ("pieces.published", "pieces published"),
    ("engagement.views", "views"),
    ("quality.score", "content quality"),
    ("jobs.dead", "dead letters"),
    ("sources.broken", "sources in trouble"),
    ("money.cost", "spent on models"),
)
WORDS = {
    "views": "views",
    "reads": "read to the end",
    "seconds": "seconds of reading",
    "likes": "likes",
    "saves": "saved",
    "shares": "shared",
    "dismissals": "dismissed",
    "ratings": "ratings",
    "drafts": "drafts that cite it",
    "published_pieces": "published pieces of these",
    "copies": "copies of it",
    "bookmarks": "bookmarks",
    "tags": "tags",
    "curations": "curations that looked at it",
    "best_place": "best place in one",
    "best_score": "best curator score",
}


def index(
    session: Session, person: Person, kind: str, before: str | None, day: str = "", error: str = ""
) -> ReportsView:
    """The list, with the course of a few figures over the last daily reports."""
    found = queries.recent(session, kind, LISTED + 1, before)
    lately = [*reversed(queries.recent(session, DAILY, LISTED))]
    tabs = (("", "All"), (DAILY, "Daily"), (WEEKLY, "Weekly"))
    older = f"/reports?kind={kind}&before={found[LISTED - 1].id}" if len(found) > LISTED else ""
    return ReportsView(
        tabs=tuple(
            Tab(words, f"/reports?kind={key}" if key else "/reports", active=key == kind) for key, words in tabs
        ),
        reports=tuple(_card(each) for each in found[:LISTED]),
        figures=tuple(_course(lately, key, words) for key, words in COURSES) if lately else (),
        latest=Link(_title(lately[-1]), f"/reports/{lately[-1].id}") if lately else None,
        can_edit=person.may("edit"),
        day=day,
        error=error,
        pager=Pager(f"/reports?kind={kind}" if before else "", older),
    )


def _card(found: Report) -> ReportCard:
    figures = found.key_figures
    words = [
        plural(int(figures.get("articles.originals", 0)), "original"),
        plural(int(figures.get("pieces.published", 0)), "piece") + " published",
        plural(int(figures.get("jobs.dead", 0)), "dead letter"),
    ]
    return ReportCard(found.id, _title(found), found.kind, ", ".join(words), found.made_at)


def _title(found: Report) -> str:
    return Period(found.kind, date.fromisoformat(found.since)).title


def _course(reports: Sequence[Report], key: str, words: str) -> FigureView:
    values = tuple(float(each.key_figures.get(key, 0)) for each in reports)
    return FigureView(words, _said(values[-1]), values if len(values) > 1 else ())


def _said(value: float | None, unit: str = "") -> str:
    if value is None:
        return "–"
    shown = number(value) if float(value).is_integer() else f"{value:g}"
    return f"{shown}\u2009{unit}" if unit else shown


def report(session: Session, report_id: str) -> ReportView:
    """One report. Raises `ReportNotFound`."""
    found = queries.report(session, report_id)
    earlier, later = queries.neighbours(session, found)
    return ReportView(
        id=found.id,
        title=_title(found),
        kind=found.kind,
        sections=tuple(_section(each) for each in queries.sections(found)),
        made_at=found.made_at,
        earlier=Link(_title(earlier), f"/reports/{earlier.id}") if earlier else None,
        later=Link(_title(later), f"/reports/{later.id}") if later else None,
    )


def _section(section: Section) -> SectionView:
    tables = tuple(_table(each) for each in section.tables if each.rows)
    return SectionView(section.key, section.title, tuple(map(_figure, section.figures)), tables, section.note)


def _figure(figure: Figure) -> FigureView:
    return FigureView(figure.words, _said(figure.value, figure.unit))


def _table(table: Table) -> TableView:
    values = [_number(row[1]) if len(row) > 1 else 0.0 for row in table.rows]
    widths: list[float | None] = [*charts.bars(values)] if table.chart == "bars" else [None] * len(values)
    names = [_cell(row[0]) for row in table.rows]
    rows = tuple(
        RowView(
            first=names[at],
            href=table.links[at] if at < len(table.links) else "",
            cells=tuple(_cell(cell) for cell in row[1:]),
            bar=widths[at],
        )
        for at, row in enumerate(table.rows)
    )
    line = charts.line(names, values) if table.chart == "line" else None
    return TableView(table.title, tuple(table.columns), rows, line)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _cell(value: Any) -> str:
    return _said(value) if value is None or isinstance(value, (int, float)) else str(value)


def analytics(session: Session, person: Person, article_id: str) -> AnalyticsView:
    """What came of an article. Raises `ArticleNotFound`."""
    article, known = articles.article(session, article_id), queries.analytics(session, article_id)
    figures = known.figures if known else {}
    story = figures.get("story")
    return AnalyticsView(
        id=article_id,
        title=article.title or article.url,
        figures=tuple(FigureView(words, _said(figures[key])) for key, words in WORDS.items() if key in figures),
        updated_at=known.updated_at if known else None,
        can_edit=person.may("edit"),
        story=Link(f"{story['title']} ({plural(story['outlets'], 'outlet')})", f"/stories/{story['id']}")
        if story
        else None,
    )
