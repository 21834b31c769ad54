"""Rubrics at the command line."""

from __future__ import annotations

import json
from pathlib import Path

from stonehand.accounts.permissions import Person
from stonehand.cli.rubrics import FileUnreadable
from stonehand.db import Database
from stonehand.jobs.testing import run_all
from stonehand.rubrics import tasks as _declared  # noqa: F401
from stonehand.rubrics.errors import (
    ArticlesUnfit,
    LabelUnknown,
    PresetKept,
    RubricInvalid,
    RubricNotFound,
    TrialUnfinished,
)
from tests.cli.conftest import Cli
from tests.library.conftest import put
from tests.rubrics.conftest import BE, HAVE
from tests.stories.conftest import words_as_vectors

__all__ = ["words_as_vectors"]


def test_rubrics_are_listed_shown_made_and_removed(prepared: Database, admin: Person, cli: Cli, tmp_path: Path) -> None:
    assert {each["slug"] for each in cli("rubric", "list", "--json").json} >= {"be-do-have", "curator-score"}
    assert "Content quality" in cli("rubric", "list").out
    shown = cli("rubric", "show", "readability", "--json").json
    assert shown["versions"] == [1]
    assert "sentence_length" in cli("rubric", "show", "readability").out
    assert isinstance(cli("rubric", "show", "none").error, RubricNotFound)
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(shown))
    assert cli("rubric", "create", "Mine", str(file), "--json").json["slug"] == "mine"
    shown["definition"]["criteria"][0]["weight"] = 7
    assert (
        cli("rubric", "edit", "mine", "-", "--note", "x", "--json", stdin=json.dumps(shown["definition"])).json[
            "version"
        ]
        == 2
    )
    assert cli("rubric", "clone", "mine", "Yours", "--json").json["slug"] == "yours"
    assert cli("rubric", "automatic", "mine", "--on", "--json").json["is_automatic"] is True
    assert cli("rubric", "automatic", "mine", "--off", "--json").json["is_automatic"] is False
    assert cli("rubric", "remove", "mine", "--json").json == {"removed": "mine"}
    assert isinstance(cli("rubric", "remove", "be-do-have").error, PresetKept)
    file.write_text("{")
    assert isinstance(cli("rubric", "create", "X", str(file)).error, FileUnreadable)
    file.write_text("[]")
    assert isinstance(cli("rubric", "create", "X", str(file)).error, FileUnreadable)
    file.write_text('{"kind": "sum", "criteria": [{"name": "A", "measure": "magic"}]}')
    assert isinstance(cli("rubric", "create", "X", str(file)).error, RubricInvalid)


def test_articles_are_scored_with_reasons_and_judged(prepared: Database, admin: Person, cli: Cli) -> None:
    one, other = put(prepared, "Who am I?", BE), put(prepared, "Net worth", HAVE)
    found = cli("rubric", "score", "be-do-have", one, other, "--json").json
    assert [each["label"] for each in found] == ["BE", "HAVE"]
    assert "words: " in cli("rubric", "score", "be-do-have", one, "--offline").out
    assert isinstance(cli("rubric", "score", "be-do-have", "none").error, ArticlesUnfit)
    assert cli("rubric", "score", "be-do-have", one, "--job", "--json").json["job_id"]
    assert cli("rubric", "judge", "be-do-have", one, "BE", "--json").json["label"] == "BE"
    assert cli("rubric", "judge", "readability", one, "61.5", "--json").json["score"] == 61.5
    assert isinstance(cli("rubric", "judge", "be-do-have", one, "WANT").error, LabelUnknown)
    assert isinstance(cli("rubric", "judge", "readability", one, "lots").error, LabelUnknown)
    assert cli("rubric", "calibrate", "be-do-have", "--json").json["job_id"]
    assert cli("rubric", "calibrate", "be-do-have", "--forget", "--json").json == {"forgotten": "be-do-have"}
    assert "be-do-have" in cli("article", "show", one).out


def test_replays_and_reruns(prepared: Database, admin: Person, cli: Cli, tmp_path: Path) -> None:
    one = put(prepared, "Who am I?", BE)
    file = tmp_path / "said.json"
    file.write_text(json.dumps(cli("rubric", "show", "readability", "--json").json))
    trial = cli("rubric", "replay", "readability", str(file), "--json").json
    assert isinstance(cli("rubric", "save", trial["id"]).error, TrialUnfinished)
    again = cli("rubric", "rerun", one, "--rubric", "readability", "--json").json
    run_all(prepared, queues=("analysis",))
    assert cli("rubric", "trial", trial["id"], "--json").json["state"] == "done"
    assert cli("rubric", "save", trial["id"], "--json").json["version"] == 1  # it said nothing new
    assert cli("rubric", "trial", again["id"]).out.count(one) == 1
    assert cli("rubric", "keep", again["id"], "new", "--json").json == {"kept": "new", "articles": 1}
    assert "Readability" not in cli("rubric", "trial", again["id"]).err


def test_what_was_found_out_about_an_article(prepared: Database, admin: Person, cli: Cli) -> None:
    from stonehand.analysis import describing, findings, service

    one = put(prepared, "Net worth", HAVE)
    assert "not described yet" in str(cli("article", "describe", one).error)
    with prepared.transaction() as session:
        service.record(session, {one: findings.find([("", HAVE)])[0]})
        readings = describing.read(session, [one])
        describing.record(session, describing.describe(readings, {}))
    said = cli("article", "describe", one, "--json").json
    assert said["category"] == "Business"
    assert "2 million dollars" in cli("article", "describe", one).out
    assert "category" in cli("article", "show", one).out
