"""Reports at the command line."""

from __future__ import annotations

from pathlib import Path

from stonehand.articles.errors import ArticleNotFound
from stonehand.db import Database
from stonehand.reports.errors import PeriodUnfit, ReportNotFound
from tests.cli.conftest import Cli
from tests.reports.conftest import read, yesterday


def test_a_report_is_made_shown_and_written(prepared: Database, cli: Cli, tmp_path: Path) -> None:
    article_id = read(prepared, 1, "Bridge closes", site="Harbour Post")
    made = cli("report", "make", "daily", "--json").json
    assert made["since"] == yesterday().date().isoformat()
    assert [each["id"] for each in cli("report", "list", "--json").json] == [made["id"]]
    assert cli("report", "list", "--kind", "weekly", "--json").json == []
    shown = cli("report", "show", f"daily:{made['since']}").out
    assert "ARTICLES" in shown
    assert "Harbour Post" in shown
    assert cli("report", "show", made["id"], "--section", "money", "--json").json["key"] == "money"
    assert cli("report", "show", made["id"], "--json").json["key_figures"]["articles.originals"] == 1
    assert cli("report", "csv", made["id"], "--section", "articles").out.startswith("Articles,value")
    cli("report", "csv", made["id"], "--to", str(tmp_path / "day.csv"))
    assert "Money,value" in (tmp_path / "day.csv").read_text()
    assert cli("report", "article", article_id, "--json").json["drafts"] == 0


def test_what_is_not_there_or_cannot_be(prepared: Database, cli: Cli) -> None:
    assert isinstance(cli("report", "show", "nothing").error, ReportNotFound)
    assert isinstance(cli("report", "make", "weekly", "--day", "soon").error, PeriodUnfit)
    assert isinstance(cli("report", "article", "nothing").error, ArticleNotFound)
    assert cli("report", "make", "yearly").code == 2
