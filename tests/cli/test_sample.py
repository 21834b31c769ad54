"""Tests of sample."""

from __future__ import annotations

from stonehand import db
from stonehand.cli import preparation
from tests.cli.conftest import Cli


def test_load_status_and_remove(cli: Cli, prepared: db.Database) -> None:
    assert cli("sample", "status", "--json").json == {"loaded": False, "address": None}
    loaded = cli("sample", "load", "--json").json
    assert loaded["loaded"]
    rows = cli("source", "list", "--json").json
    assert {row["is_sample"] for row in rows} == {True}
    assert all(row["url"].startswith(loaded["address"]) for row in rows)
    assert cli("sample", "load", "--json").json == loaded
    assert cli("sample", "remove", stdin="n\n").code == 1
    assert cli("sample", "remove", "--yes").code == 0
    assert cli("sample", "status", "--json").json == {"loaded": False, "address": None}
    assert preparation.sample_for((), wanted=True) == []
