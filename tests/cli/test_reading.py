"""Readers and digests at the command line."""

from __future__ import annotations

import json

from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.reading import keeping
from stonehand.reading.errors import AnswersUnfit, NothingToTell
from stonehand.reading.levels import QUESTIONS
from tests.cli.conftest import Cli
from tests.library.conftest import put


def test_what_a_reader_did(prepared: Database, admin: Person, cli: Cli) -> None:
    one = put(prepared, "Bridge closes", "text")
    assert cli("reading", "did", one, "like", "--event", "e1", "--json").json == {"counted": 1}
    assert "kept before" in cli("reading", "did", one, "like", "--event", "e1").out
    assert cli("reading", "did", one, "rate", "--value", "4").code == 0
    assert cli("reading", "did", "gone", "like").error is not None
    found = cli("reading", "progress", "--json").json
    assert (found["liked"], found["rated"]) == (1, 1)
    assert cli("reading", "popular", "--json").json[0]["article_id"] == one
    assert cli("reading", "trending", "--json").json[0]["title"] == "Bridge closes"
    assert cli("reading", "related", one, "--json").json == []
    tables = {json.loads(line)["table"] for line in cli("reading", "export").out.splitlines()}
    assert tables == {"reading_events", "readings"}
    assert cli("reading", "forget", "--yes", "--json").json == {"rows": 3}
    assert cli("reading", "export").out == ""


def test_recommendations_profile_and_wishes(prepared: Database, admin: Person, cli: Cli) -> None:
    one = put(prepared, "Bridge closes", "text")
    assert "Nothing was computed" in cli("reading", "show").out
    with prepared.transaction() as session:
        keeping.store(session, {admin.id: [{"article_id": one, "score": 1, "kind": "new", "detail": ""}]})
    (item,) = cli("reading", "show", "--json").json["items"]
    assert item["reason"] == "It came lately, and you have not read it."
    assert cli("reading", "profile", "--topic", "ferries", "--digest", "weekly", "--json").json == {
        "topics": ["ferries"],
        "languages": [],
        "digest": "weekly",
    }
    assert cli("reading", "profile", "--digest", "none", "--json").json["digest"] == ""
    assert cli("reading", "less", "outlet", "Gazette", "--json").json == [
        {"kind": "outlet", "value": "Gazette", "words": "Gazette"}
    ]
    assert cli("reading", "less", "outlet", "Gazette", "--remove", "--json").json == []
    assert cli("reading", "less", "outlet").code == 2
    assert cli("reading", "update", "--json").json["job_id"]
    assert cli("reading", "update", "--all", "--json").json["job_id"]


def test_assessment_and_levels(prepared: Database, admin: Person, cli: Cli) -> None:
    one = put(prepared, "Bridge closes", "text")
    assert len(cli("reading", "assess", "--json").json) == len(QUESTIONS)
    answers = [word for each in QUESTIONS for word in ("--answer", each.key, "4")]
    assert cli("reading", "assess", *answers, "--json").json["readiness"] == "Advanced"
    assert cli("reading", "assess", "--scores", "10", "60", "80", "--json").json["DO"] == {
        "score": 60,
        "level": "Intermediate",
    }
    assert isinstance(cli("reading", "assess", "--scores", "10", "60", "180").error, AnswersUnfit)
    assert cli("reading", "level", one, "do", "advanced", "--json").json["difficulty"] == "Advanced"


def test_digests(prepared: Database, admin: Person, cli: Cli) -> None:
    assert cli("digest", "list", "--json").json == []
    assert isinstance(cli("digest", "make", "daily").error, NothingToTell)
    assert cli("digest", "mails", "gone").error is not None
    assert cli("digest", "resend", "gone", "nobody").error is not None
