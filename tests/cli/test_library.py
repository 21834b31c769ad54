"""The library at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import sqlalchemy as sa

from stonehand.accounts.permissions import Person
from stonehand.analysis import service
from stonehand.analysis.findings import Findings
from stonehand.articles.models import IndexEntry
from stonehand.db import Database
from stonehand.library import tasks as _declared  # noqa: F401
from stonehand.search.errors import SearchMalformed
from tests.cli.conftest import Cli
from tests.library.conftest import put


def test_searching(prepared: Database, cli: Cli) -> None:
    one = put(prepared, "Bridge closes", "The bridge is closed.")
    put(prepared, "Ferry", "It runs.")
    assert [item["id"] for item in cli("library", "search", "bridges", "--json").json["items"]] == [one]
    assert "Bridge closes" in cli("library", "search", "bridge -ferry").out
    assert isinstance(cli("library", "search", "is:x").error, SearchMalformed)
    assert cli("library", "search", "--newest", "--json").json["total"] == 2


def test_tags_bookmarks_and_saved_searches(prepared: Database, admin: Person, cli: Cli) -> None:
    one = put(prepared, "Bridge closes", "text")
    assert cli("library", "tag", one, "To follow", "x", "--json").json["tags"] == ["to follow", "x"]
    assert cli("library", "tag", one, "x", "--remove", "--json").json["tags"] == ["to follow"]
    assert cli("library", "bookmark", one).code == 0
    assert cli("library", "search", "is:bookmarked", "--json").json["total"] == 1
    assert cli("library", "bookmark", one, "--remove").code == 0
    assert cli("library", "search", "is:bookmarked", "--json").json["total"] == 0
    made = cli("library", "saved", "add", "Bridges", "bridge", "--json").json
    assert made["feeds"]["rss"].startswith("/feeds/shd_")
    assert cli("library", "saved", "feed", "Bridges", "--json").json["feeds"] != made["feeds"]
    assert [each["name"] for each in cli("library", "saved", "--json").json] == ["Bridges"]
    assert cli("library", "export", "--saved", "Bridges").out.count("\n") == 1
    assert cli("library", "saved", "remove", "Bridges").code == 0
    assert cli("library", "saved", "--json").json == []


def test_everything_is_written_out(prepared: Database, cli: Cli, tmp_path: Path) -> None:
    ids = [put(prepared, f"Title {number}", "text") for number in range(3)]
    assert [json.loads(line)["id"] for line in cli("library", "export").out.splitlines()] == ids
    cli("library", "export", "--to", str(tmp_path / "all.jsonl"))
    assert len((tmp_path / "all.jsonl").read_text().splitlines()) == 3
    cli("library", "export", "title:1", "--form", "markdown", "--to", str(tmp_path / "pages"))
    (page,) = (tmp_path / "pages").iterdir()
    assert "# Title 1" in page.read_text()


def test_the_index_is_made_anew(prepared: Database, cli: Cli) -> None:
    article_id = put(prepared, "Bridge", "text")
    with prepared.transaction() as session:
        service.record(session, {article_id: Findings("de", 1.0, [], b"", "lexical", 1, 1)})
        session.execute(sa.delete(IndexEntry))
    assert cli("library", "search", "bridge", "--json").json["total"] == 0
    assert cli("library", "rebuild", "--json").json == {"indexed": 1}
    assert cli("library", "search", "bridge", "--json").json["total"] == 1
    assert cli("library", "search", "bridge lang:de", "--json").json["total"] == 1
    assert cli("library", "rebuild", "--json").json == {"indexed": 1}


def test_forgetting_asks_first(prepared: Database, admin: Person, cli: Cli) -> None:
    put(prepared, "Bridge", "Jane Doe spoke")
    assert cli("library", "forget", "person", "Jane Doe", "--dry-run", "--json").json["articles"] == 1
    assert cli("library", "forget", "person", "Jane Doe", stdin="n\n").code == 1
    assert cli("library", "search", "bridge", "--json").json["total"] == 1
    assert cli("library", "forget", "person", "Jane Doe", "--yes", "--json").json["articles"] == 1
    assert cli("library", "search", "bridge", "--json").json["total"] == 0
