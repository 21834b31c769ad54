"""Processes and comments from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from stonehand.accounts.permissions import Person
from stonehand.comments.states import CommentState
from stonehand.db import Database
from tests.cli.conftest import Cli
from tests.web import comment_world
from tests.web.comment_world import SAID, World

STATES = [CommentState.GENERATED, CommentState.FAILED, CommentState.NEEDS_RECONCILE, CommentState.GENERATED]


@pytest.fixture
def world(prepared: Database, admin: Person) -> World:
    return comment_world.make(prepared, admin, STATES)


def test_a_process_is_made_changed_and_steered(cli: Cli, world: World) -> None:
    made = cli("process", "add", "--name", "6b", "--platform", "Werkstatt", "--login", "bot3a", "--once", "--json")
    assert (made.json["login_ids"], made.json["looks_once"]) == ([world.login_id], True)
    assert "it has no prompt" in str(cli("process", "start", "6b").error)
    prompt = cli("process", "show", "Klasse 5a", "--json").json["prompt_ids"][0]
    assert cli("process", "change", "6b", "--prompt", prompt, "--tab", "alle", "--json").json["tab"] == "alle"
    assert "auto_reason" in str(cli("process", "change", "6b", "--auto").error)
    assert cli("process", "change", "6b", "--most-articles", "0").code == 2
    assert "6b is at work" in cli("process", "start", "6b").out
    assert {row["name"]: row["state"] for row in cli("process", "list", "--json").json} == {
        "6b": "running",
        "Klasse 5a": "created",
    }
    assert "6b stops" in cli("process", "stop", "6b").out
    assert cli("process", "clone", "Klasse 5a", "--json").json["name"] == "Klasse 5a (copy)"
    assert cli("process", "status", "Klasse 5a", "--json").json["counts"]["generated"] == 2
    assert "discovery" in cli("process", "show", "Klasse 5a").out
    assert cli("process", "post", "Klasse 5a", "--json").json["job_id"]
    assert "gone" in cli("process", "remove", "Klasse 5a (copy)", "--yes").out
    assert "no process nothing" in str(cli("process", "status", "nothing").error)


def test_comments_are_read_and_decided_about(cli: Cli, world: World, tmp_path: Path) -> None:
    first, failed, doubt, last = world.comment_ids
    listed = cli("comment", "list", "--process", "Klasse 5a", "--state", "generated", "--json").json
    assert (listed["total"], listed["items"][0]["article"]["author"]) == (2, "Mia")
    assert "Der Bach 1" in cli("comment", "list").out
    assert "Der Bach ist kalt." in cli("comment", "show", first).out
    file = tmp_path / "text"
    file.write_text(f"{SAID}\nUnd dann?")
    assert cli("comment", "edit", first, str(file), "--json").json["html"].endswith("<p>Und dann?</p>")
    approved = cli("comment", "approve", first, failed)
    assert "Done for 1 of 2" in approved.out
    assert f"{failed}: it is failed" in approved.err
    assert cli("comment", "retry", failed, "--json").json == {"done": 1, "refused": {}}
    assert cli("comment", "reject", last, "--note", "rude", "--json").json["done"] == 1
    assert cli("comment", "remove", last, "--json").json["done"] == 1
    assert "It is posted" in cli("comment", "settle", doubt, "--arrived", "--remote-id", "7").out


def test_a_text_is_replaced_in_many(cli: Cli, world: World) -> None:
    first, failed, doubt, last = world.comment_ids
    find = ("comment", "replace", "Dein Bach", "Dein Fluss")
    seen = cli(*find, "--process", "Klasse 5a", "--dry-run", "--json").json
    assert (seen["done"], set(seen["refused"])) == (3, {doubt})
    assert "Dein Bach" in cli("comment", "show", first).out
    assert cli(*find, "--process", "Klasse 5a").code == 1, "it asks"
    assert "Replaced in 1, refused for 1." in cli(*find, first, "nobody", "--yes").out
    assert "Dein Fluss" in cli("comment", "show", first).out
    made = cli(*find, "--process", "Klasse 5a", "--state", "generated", "--yes", "--json").json
    assert (made["done"], made["without"], made["items"][0]["id"]) == (1, 1, last)
    assert cli(*find).code == 2
    assert "say which text" in str(cli("comment", "replace", " ", "x", first).error)
    assert cli("comment", "show", failed, "--json").json["state"] == "failed", "it was not meant"


def test_opt_outs(cli: Cli, world: World) -> None:
    assert cli("platform", "opt-out", "add", "Werkstatt").code == 2
    made = cli("platform", "opt-out", "add", "Werkstatt", "--author", "Mia", "--reason", "her parents", "--json").json
    assert cli("platform", "opt-out", "list", "Werkstatt", "--json").json == [made]
    assert cli("comment", "list", "--state", "skipped", "--json").json["total"] >= 2
    assert "again" in cli("platform", "opt-out", "remove", made["id"]).out
    assert "whole site" in cli("platform", "opt-out", "add", "Werkstatt", "--whole-site").out


def test_comments_are_exported(cli: Cli, world: World, tmp_path: Path) -> None:
    lines = cli("comment", "export", "--process", "Klasse 5a", "--state", "failed").out.splitlines()
    assert [json.loads(each)["id"] for each in lines] == [world.comment_ids[1]]
    file = tmp_path / "comments.csv"
    cli("comment", "export", "--form", "csv", "--to", str(file))
    assert [row["state"] for row in csv.DictReader(file.open(encoding="utf-8"))] == [str(each) for each in STATES]
