"""Tests of letter, and of source mail-in."""

from __future__ import annotations

from pathlib import Path

from stonehand import db
from stonehand.jobs.testing import run_all
from tests.cli.conftest import Cli
from tests.sources.letters.writing import NEWS, letter


def test_files_are_handed_in_read_and_forgotten(cli: Cli, prepared: db.Database, tmp_path: Path) -> None:
    good, bad = tmp_path / "a.eml", tmp_path / "b.eml"
    good.write_bytes(letter(f"Budget passes\n{NEWS}/budget\n").as_bytes())
    bad.write_text("no letter")
    outcome = cli("source", "mail-in", str(good), str(bad), str(tmp_path / "none.eml"), "--json")
    first, second, third = outcome.json["items"]
    assert outcome.code == 1
    assert first["is_new"]
    assert "no letter" in second["error"]
    assert "cannot be read" in third["error"]
    run_all(prepared, queues=("email",))
    [row] = cli("letter", "list", "--json").json
    assert (row["id"], row["state"]) == (first["letter_id"], "read")
    assert cli("letter", "show", row["id"], "--json").json["items"][0]["url"] == f"{NEWS}/budget"
    assert f"{NEWS}/budget" in cli("letter", "show", row["id"]).out
    assert cli("letter", "raw", row["id"]).out == good.read_text()
    assert cli("letter", "read", row["id"], "--json").json["job_id"]
    assert cli("letter", "remove", row["id"], "--yes").code == 0
    assert cli("letter", "list", "--json").json == []


def test_a_letter_comes_from_the_standard_input(cli: Cli, prepared: db.Database) -> None:
    text = letter(f"Budget passes\n{NEWS}/budget\n").as_string()
    assert cli("source", "mail-in", "-", "--json", stdin=text).json["items"][0]["is_new"]
    again = cli("source", "mail-in", "-", "--json", stdin=text)
    assert (again.code, again.json["job_id"]) == (0, None)
