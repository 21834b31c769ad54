"""The pages of reports: the list, one of them with its charts, CSV, and what came of an article."""

from __future__ import annotations

from datetime import timedelta

import pytest

from stonehand import db
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.reports import making, service
from stonehand.reports.periods import DAILY, Period
from stonehand.web import charts
from tests.reports.conftest import _draft, _jobs, id_of, read, yesterday
from tests.web.pages.browsing import words
from tests.web.pages.conftest import Visit

DAY = yesterday().date()


@pytest.fixture
def report_id(database: Database) -> str:
    one = read(database, 1, "<b>Bridge</b> closes", site="Harbour Post")
    with database.transaction() as session:
        _draft(session, one, yesterday())
        _jobs(session, yesterday())
    period = Period(DAILY, DAY)
    sections = making.sections(database.read, period)
    with database.transaction() as session:
        service.keep(session, Period(DAILY, DAY - timedelta(days=1)), [])
        return service.keep(session, period, sections)


def test_a_report_is_shown_with_charts(report_id: str, visit: Visit) -> None:
    page = visit("viewer").go(f"/reports/{report_id}")
    text = words(page)
    for title in ("Articles", "Article performance", "Reader engagement", "Content quality", "Trends", "Money"):
        assert title in text
    assert 'class="curve-chart"' in page
    assert 'class="bar"' in page
    assert "&lt;b&gt;Bridge&lt;/b&gt;" in page
    assert "1 originals read" in text or "1 originals" in text
    assert " style=" not in page
    assert f"{DAY - timedelta(days=1):%-d %B %Y}" in text


def test_the_list_shows_the_course_of_key_figures(report_id: str, visit: Visit) -> None:
    viewer = visit("viewer")
    text = words(viewer.go("/reports"))
    assert f"{DAY:%-d %B %Y}" in text
    assert "1 original, 1 piece published, 1 dead letter" in text
    assert 'class="spark"' in viewer.page
    assert "Make one now" not in text
    assert "No report was made yet" in words(viewer.go("/reports?kind=weekly"))


def test_an_editor_has_one_made(database: Database, visit: Visit) -> None:
    editor = visit("editor")
    assert "No report was made yet" in words(editor.go("/reports"))
    assert "is no day" in words(editor.send("/reports", 422, kind="daily", day="soon"))
    assert "reports.weekly" in editor.send("/reports", kind="weekly", day="")
    run_all(database, queues=("analytics",))
    assert "Week of" in words(editor.go("/reports"))
    viewer = visit("viewer")
    viewer.go("/reports")
    viewer.send("/reports", 403, kind="daily")


def test_csv_of_all_and_of_one_section(report_id: str, visit: Visit) -> None:
    viewer = visit("viewer")
    whole = viewer.client.get(f"/reports/{report_id}/csv")
    assert whole.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="stonehand-daily-{DAY}.csv"' in whole.headers["content-disposition"]
    assert "Articles: Who published most" in whole.text
    one = viewer.client.get(f"/reports/{report_id}/csv?section=money")
    assert one.text.startswith("Money,value,unit")
    assert viewer.client.get(f"/reports/{report_id}/csv?section=nothing").status_code == 404
    viewer.go("/reports/nothing", 404)


def test_what_came_of_an_article(report_id: str, database: Database, visit: Visit) -> None:
    editor, article_id = visit("editor"), id_of(yesterday(), 1)
    assert "Nobody has asked yet" in words(editor.go(f"/reports/articles/{article_id}"))
    editor.send(f"/reports/articles/{article_id}")
    run_all(database, queues=("analytics",))
    text = words(editor.go(f"/reports/articles/{article_id}"))
    assert "drafts that cite it 1" in text
    assert "published pieces of these 1" in text
    editor.go("/reports/articles/nothing", 404)
    assert db.utc_now()


def test_charts_are_true_to_their_numbers() -> None:
    assert charts.bars([4, 2, 0, -1]) == [100, 50, 0, 0]
    assert charts.bars([0, 0]) == [0, 0]
    assert charts.bars([]) == []
    line = charts.line(["a", "b", "c"], [0, 10, 5])
    assert line
    assert [(y, said) for _, y, said in line.dots] == [(138, "a: 0"), (10, "b: 10"), (74, "c: 5")]
    assert (line.top, line.first, line.last) == ("10", "a", "c")
    assert charts.line(["a"], [1]) is None
    small = charts.line(["a", "b"], [0, 0.020543])
    assert small
    assert small.top == "0.021", "no more than fits beside the picture"
    flat = charts.line(["a", "b"], [0, 0])
    assert flat
    assert flat.points == "44.0,138.0 632.0,138.0"
