"""Daily and weekly reports, counters, and what came of one article."""

from __future__ import annotations

import csv
import io
import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from stonehand import db, jobs, pipeline
from stonehand.accounts import service as accounts
from stonehand.articles.errors import ArticleNotFound
from stonehand.db import Database
from stonehand.jobs import queries as jobs_queries
from stonehand.jobs.models import Job
from stonehand.jobs.testing import run_all
from stonehand.reports import counting, engagement, making, periods, queries, sections, service
from stonehand.reports.errors import CountUnfit, PeriodUnfit, ReportNotFound
from stonehand.reports.models import Counter, Report
from stonehand.reports.periods import DAILY, WEEKLY, Period
from stonehand.reports.sections import Figure, Section, Table
from stonehand.retention import erasing
from tests.reports.conftest import ADA, a_story, a_trend, bookmark, id_of, read, yesterday

NOW = datetime(2026, 5, 20, 9, tzinfo=UTC)  # a Wednesday


def run(database: Database, task: str, **args: str) -> Job:
    with database.transaction() as session:
        job_id = jobs.enqueue(session, task, args)
    run_all(database, queues=("analytics",))
    with database.read() as session:
        return jobs_queries.job(session, job_id or "")


def made(database: Database) -> dict[str, Section]:
    found = making.sections(database.read, Period(DAILY, yesterday().date()))
    return {each.key: each for each in found}


def figures(section: Section) -> dict[str, float | None]:
    return {each.key: each.value for each in section.figures}


def table(section: Section, key: str) -> list[Any]:
    return [list(row) for each in section.tables if each.key == key for row in each.rows]


def test_a_day_is_told(either_database: Database, busy_day: dict[str, str]) -> None:
    found = made(either_database)
    assert list(found) == [
        *("articles", "performance", "engagement", "quality", "trends", "pieces"),
        *("writing", "sources", "jobs", "money"),
    ]
    articles = figures(found["articles"])
    assert (articles["found"], articles["originals"], articles["copies"], articles["unreadable"]) == (3, 2, 1, 0)
    assert ["12–15 h", 2] in table(found["articles"], "course")
    assert ["18–21 h", 1] in table(found["articles"], "course")
    assert table(found["articles"], "outlets") == [["Echo", 1], ["Harbour Post", 1], ["Tidewater", 1]]
    assert figures(found["quality"])["score"]
    assert figures(found["pieces"]) == {"published": 1, "failed": 0, "hours": 2.0, "views": 0}
    assert figures(found["writing"])["unsupported"] == 50
    assert figures(found["sources"])["named"] == 3
    assert table(found["sources"], "most") == [["Wire", 3, 0]]
    work = figures(found["jobs"])
    assert (work["completed"], work["dead"], work["success"], work["wait"]) == (9, 1, 90.0, 1.0)
    assert table(found["jobs"], "tasks") == [["articles.fetch", 9, 1, 5.0, 9.0]]
    assert figures(found["money"]) == {"cost": 1.5, "calls": 1, "tokens": 1000, "per_piece": 1.5}
    assert table(found["money"], "purposes") == [["draft", 1.5, 1, 900, 100]]


def test_articles_are_ranked_by_what_came_of_them(either_database: Database, busy_day: dict[str, str]) -> None:
    with either_database.transaction() as session:
        user = accounts.new_user(session, "ada@example.org", "Ada", "admin", "x")
        counting.count(session, "article", busy_day["two"], {"views": 5, "reads": 1}, yesterday().date())
    bookmark(either_database, user.id, busy_day["two"])
    best = table(made(either_database)["performance"], "best")
    assert best == [["Harbour bridge closes", 10, 1, 0, 0, 0, 0], ["=Ferries run", 3 + 2 + 5, 0, 0, 1, 1, 5]]


def test_phrases_that_rise_are_told_beside_those_of_before(either_database: Database, busy_day: dict[str, str]) -> None:
    rising = table(made(either_database)["trends"], "rising")
    assert any("bridge" in row[0] and row[1:] == [2, 2, 0] for row in rising)


def test_trends_are_told_by_state_with_what_turned_in_the_period(either_database: Database) -> None:
    at, old = yesterday(), yesterday() - timedelta(days=3)
    for name, state, score in (("s1", "viral", 80.0), ("s2", "dead", 10.0)):
        with either_database.transaction() as session:
            session.add(a_story(name, f"Story {name}", at))
            session.flush()
            session.add(a_trend(name, state, score, [("emerging", old), (state, at)]))
    found = made(either_database)["trends"]
    assert table(found, "states")[1] == ["viral", 1, 1]
    assert table(found, "states")[0] == ["emerging", 0, 0]
    assert table(found, "top") == [["Story s1", 80.0]]
    told = figures(found)
    assert (told["viral"], told["score"]) == (1, 45.0)
    assert "Story s1,80.0" in sections.as_csv([found])


def test_an_empty_day_is_a_report_too(either_database: Database) -> None:
    found = made(either_database)
    assert figures(found["articles"])["found"] == 0
    assert found["quality"].note == "Nothing was read."
    assert figures(found["jobs"])["success"] is None
    assert "NaN" not in sections.as_csv(found.values())


def test_the_daily_job_keeps_a_report_and_making_it_again_replaces_it(
    either_database: Database, busy_day: dict[str, str]
) -> None:
    first = run(either_database, "reports.daily")
    assert first.state == "completed", first.error
    again = run(either_database, "reports.daily", day=yesterday().date().isoformat())
    assert first.result
    assert again.result
    assert first.result["report_id"] == again.result["report_id"]
    with either_database.read() as session:
        (kept,) = queries.recent(session)
        assert (kept.kind, kept.since) == ("daily", yesterday().date().isoformat())
        assert kept.key_figures["articles.originals"] == 2
        whole = queries.report(session, f"daily:{kept.since}")
        assert [each.key for each in queries.sections(whole)] == list(made(either_database))


def test_days_that_were_missed_are_made_up_for(either_database: Database) -> None:
    with either_database.transaction() as session:
        service.keep(session, Period(DAILY, yesterday().date() - timedelta(days=3)), [])
    found = run(either_database, "reports.daily").result or {}
    expected = [(yesterday().date() - timedelta(days=back)).isoformat() for back in (2, 1, 0)]
    assert found["days"] == expected
    assert (run(either_database, "reports.daily").result or {})["days"] == expected[-1:]


def test_the_weekly_job_tells_of_the_last_whole_week(either_database: Database) -> None:
    done = run(either_database, "reports.weekly")
    assert done.state == "completed", done.error
    with either_database.read() as session:
        (kept,) = queries.recent(session, WEEKLY)
    since = date.fromisoformat(kept.since)
    assert since.weekday() == 0
    assert date.fromisoformat(kept.until) == since + timedelta(days=7)
    assert date.fromisoformat(kept.until) <= datetime.now(UTC).date()


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "9999-01-01", "1999-12-31"])
def test_a_day_that_cannot_be_is_a_dead_letter(database: Database, day: str) -> None:
    for task in ("reports.daily", "reports.weekly"):
        dead = run(database, task, day=day)
        assert (dead.state, dead.error_kind) == ("discarded", "PeriodUnfit")


def test_periods() -> None:
    assert periods.read(DAILY, "", NOW).since == date(2026, 5, 19)
    week = periods.read(WEEKLY, "", NOW)
    assert (week.since, week.until, week.title) == (date(2026, 5, 11), date(2026, 5, 18), "Week of 11 May 2026")
    assert periods.read(WEEKLY, "2026-05-20", NOW).since == date(2026, 5, 18)
    assert next(name for name, *_ in week.parts()) == "Mon 11 May"
    assert len(list(periods.read(DAILY, "", NOW).parts())) == 8
    with pytest.raises(PeriodUnfit, match="daily and weekly"):
        periods.read("yearly", "", NOW)


def test_one_schedule_serves_both_old_names() -> None:
    planned = {each.task: each for each in pipeline.SCHEDULES}
    assert (planned["reports.daily"].expression, planned["reports.daily"].queue) == ("0 3 * * *", "analytics")
    assert planned["reports.weekly"].expression == "5 3 * * MON"


# ── counters ──


def test_no_count_is_lost_however_many_count_at_once(either_database: Database) -> None:
    def add() -> None:
        for _ in range(25):
            with either_database.transaction() as session:
                counting.count(session, "article", "a", {"views": 1, "seconds": 10})

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with either_database.read() as session:
        assert counting.of_subject(session, "article", "a") == {"views": 100, "seconds": 1000}


@pytest.mark.parametrize(
    ("subject", "counts", "said"),
    [
        ("reader", {"views": 1}, "nothing that is counted"),
        ("article", {"clicks": 1}, "choose from"),
        ("article", {"views": -1}, "give 0 to"),
        ("article", {"views": 10**9}, "give 0 to"),
    ],
)
def test_what_cannot_be_counted(database: Database, subject: str, counts: dict[str, int], said: str) -> None:
    with database.transaction() as session:
        with pytest.raises(CountUnfit, match=said):
            counting.count(session, subject, "a", counts)
        counting.count(session, "article", "a", {"views": 0})
        assert session.scalar(sa.select(sa.func.count()).select_from(Counter)) == 0


# ── readers ──


def readers_room(database: Database, article_id: str) -> None:
    """The tables of the room of readers, as far as they are looked at."""
    numbers = ", ".join(f"{name} BIGINT" for name in engagement.SUMMED)
    day = yesterday().date()
    with database.transaction() as session:
        exists = sa.inspect(session.connection()).has_table("reading_counts")
        if not exists:
            session.execute(sa.text(f"CREATE TABLE reading_counts (article_id VARCHAR, day DATE, {numbers})"))
            session.execute(sa.text("CREATE TABLE reading_events (user_id VARCHAR, at TIMESTAMP)"))
        given = dict.fromkeys(engagement.SUMMED, 0)
        given |= {"views": 10, "reads": 4, "ratings": 2, "rating_total": 9, "seconds": 600}
        session.execute(sa.insert(engagement.COUNTS).values(article_id=article_id, day=day, **given))
        session.execute(
            sa.insert(engagement.COUNTS).values(article_id=article_id, day=day - timedelta(days=9), **given)
        )


def test_what_readers_did_is_told(either_database: Database, busy_day: dict[str, str]) -> None:
    readers_room(either_database, busy_day["two"])
    told = made(either_database)
    assert told["engagement"].note == ""
    found = figures(told["engagement"])
    assert (found["views"], found["reads"], found["completion"], found["minutes"]) == (10, 4, 40.0, 10)
    assert found["rating"] == 4.5
    assert table(told["performance"], "best")[0][:2] == ["=Ferries run", 4 * 2 + 10]


def test_outside_counts_join_those_of_readers(either_database: Database, busy_day: dict[str, str]) -> None:
    with either_database.transaction() as session:
        counting.count(session, "publication", id_of(yesterday(), 42), {"views": 40}, yesterday().date())
        counting.count(session, "article", busy_day["one"], {"views": 2}, yesterday().date())
        counting.count(session, "article", busy_day["one"], {"views": 9}, yesterday().date() - timedelta(days=3))
    told = made(either_database)
    assert figures(told["engagement"])["views"] == 42
    assert figures(told["pieces"])["views"] == 40
    assert table(told["pieces"], "list") == [["Bridge", 40, "Folder", ""]]


# ── one article ──


def test_what_came_of_one_article(either_database: Database, busy_day: dict[str, str]) -> None:
    with either_database.transaction() as session:
        counting.count(session, "article", busy_day["one"], {"views": 7})
    done = run(either_database, "reports.article", article_id=busy_day["one"])
    assert done.state == "completed", done.error
    with either_database.read() as session:
        known = queries.analytics(session, busy_day["one"])
    assert known
    assert {name: known.figures[name] for name in ("drafts", "published_pieces", "copies", "views", "story")} == {
        "drafts": 1,
        "published_pieces": 1,
        "copies": 1,
        "views": 7,
        "story": None,
    }
    with either_database.transaction() as session:
        service.update_article(session, busy_day["one"])
        with pytest.raises(ArticleNotFound):
            service.update_article(session, "nothing")


def test_what_is_forgotten_leaves_reports_too(either_database: Database, busy_day: dict[str, str]) -> None:
    with either_database.transaction() as session:
        counting.count(session, "article", busy_day["one"], {"views": 7})
        service.update_article(session, busy_day["one"])
    done = run(either_database, "reports.daily")
    url = f"https://news.harbour.example/{busy_day['one']}"
    erasing.forget(either_database.transaction, ADA, erasing.Kind.URL, url)
    with either_database.read() as session:
        kept = queries.report(session, (done.result or {})["report_id"])
        told = {each.key: each for each in queries.sections(kept)}
        assert queries.analytics(session, busy_day["one"]) is None
        assert counting.of_subject(session, "article", busy_day["one"]) == {}
    assert table(told["performance"], "best") == [["forgotten on request", 10, 1, 0, 0, 0, 0]]
    assert [each.links for each in told["performance"].tables] == [[""]]
    assert table(told["articles"], "outlets")


# ── CSV ──


def test_csv_is_readable_and_holds_no_formulas() -> None:
    told = Section(
        "a",
        "A",
        [Figure("n", "number", 3, "%")],
        [Table("t", "T", ("x", "y"), [("=1+1", 2), ("@a", None), ('"q"', 1.5)])],
    )
    rows = list(csv.reader(io.StringIO(sections.as_csv([told]))))
    assert rows == [
        ["A", "value", "unit"],
        ["number", "3", "%"],
        [],
        ["A: T"],
        ["x", "y"],
        ["'=1+1", "2"],
        ["'@a", ""],
        ['"q"', "1.5"],
        [],
    ]
    assert sections.of_json(told.as_json()).as_json() == told.as_json()


def test_a_report_that_is_not_there(database: Database) -> None:
    with database.transaction() as session:
        report_id = service.keep(session, Period(DAILY, date(2026, 5, 1)), [])
    with database.read() as session:
        for wanted in ("nothing", "daily:2026-05-02"):
            with pytest.raises(ReportNotFound):
                queries.report(session, wanted)
        with pytest.raises(ReportNotFound, match="no section"):
            queries.section(queries.report(session, report_id), "money")
        assert queries.neighbours(session, session.get_one(Report, report_id)) == (None, None)


def test_every_old_name_is_a_door_to_these_jobs(database: Database) -> None:
    article_id = read(database, 1, "Bridge")
    from stonehand import formerly

    for name, task, args in (
        ("update_article_analytics", "reports.article", [article_id]),
        ("generate_daily_analytics_report", "reports.daily", []),
        ("generate_analytics_task", "reports.daily", []),
    ):
        former = formerly.find(name)
        assert former
        assert former.task == task
        done = run(database, task, **former.arguments(args, {}))
        assert done.state == "completed", done.error
    assert db.utc_now()
