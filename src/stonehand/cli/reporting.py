"""Reports: what happened by the day and by the week, and what came of an article."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from stonehand.cli.printing import json_option, show

KINDS = click.Choice(["daily", "weekly"])


@click.group()
def report() -> None:
    """See what happened by the day and by the week, and what came of an article."""


@report.command("list")
@click.option("--kind", type=KINDS, help="Only daily or only weekly ones.")
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True)
@json_option
def list_reports(kind: str | None, limit: int, as_json: bool) -> None:
    """List reports, the latest period first."""
    from stonehand.cli import preparation
    from stonehand.reports import queries
    from stonehand.reports.schemas import ReportOut

    with preparation.open_database().read() as session:
        rows = [
            ReportOut.model_validate(each).model_dump(mode="json")
            for each in queries.recent(session, kind or "", limit)
        ]
    show(
        rows if as_json else [{name: row[name] for name in ("id", "kind", "since", "made_at")} for row in rows], as_json
    )


@report.command("show")
@click.argument("report_id", metavar="ID|KIND:DAY")
@click.option("--section", default="", help="Only this section, such as money.")
@json_option
def show_report(report_id: str, section: str, as_json: bool) -> None:
    """Show a report, by its id or as daily:2026-05-17."""
    from stonehand.cli import preparation
    from stonehand.reports import queries
    from stonehand.reports.schemas import ReportWhole, SectionOut

    with preparation.open_database().read() as session:
        found = queries.report(session, report_id)
        told = [queries.section(found, section)] if section else queries.sections(found)
        whole = SectionOut.model_validate(told[0]) if section else ReportWhole.of(found)
    if as_json:
        show(whole, as_json)
        return
    for each in told:
        click.echo(f"\n{each.title.upper()}")
        for figure in each.figures:
            value = "-" if figure.value is None else f"{figure.value:g}"
            click.echo(f"  {value:>10} {figure.unit:<1} {figure.words}")
        for table in each.tables:
            if table.rows:
                click.echo(f"\n{table.title}")
                show([dict(zip(table.columns, row, strict=False)) for row in table.rows], as_json=False)


@report.command()
@click.argument("kind", type=KINDS)
@click.option("--day", default="", help="That day, or a day of the week; the last that is over if not given.")
@json_option
def make(kind: str, day: str, as_json: bool) -> None:
    """Make a report here and now; one of the same period is replaced."""
    from stonehand import db
    from stonehand.cli import preparation
    from stonehand.reports import making, periods, service

    database = preparation.open_database()
    with database.read() as session:
        period = periods.read(kind, day, db.now(session))
    sections = making.sections(database.read, period)
    with database.transaction() as session:
        report_id = service.keep(session, period, sections)
    show({"id": report_id, "kind": kind, "since": period.since, "until": period.until}, as_json)


@report.command()
@click.argument("report_id", metavar="ID|KIND:DAY")
@click.option("--section", default="", help="Only this section.")
@click.option("--to", type=click.Path(dir_okay=False, writable=True), help="A file; what is printed otherwise.")
def csv(report_id: str, section: str, to: str | None) -> None:
    """Write a report as CSV, for a spreadsheet."""
    from stonehand.cli import preparation
    from stonehand.reports import queries
    from stonehand.reports.sections import as_csv

    with preparation.open_database().read() as session:
        found = queries.report(session, report_id)
        text = as_csv([queries.section(found, section)] if section else queries.sections(found))
    if to:
        Path(to).write_text(text, encoding="utf-8", newline="")
    else:
        click.echo(text, nl=False)


@report.command()
@click.argument("article_id")
@json_option
def article(article_id: str, as_json: bool) -> None:
    """Find out what came of an article: citations, pieces, bookmarks, views."""
    from stonehand.cli import preparation
    from stonehand.reports import service

    with preparation.open_database().transaction() as session:
        figures: dict[str, Any] = service.update_article(session, article_id)
    show(figures, as_json)
