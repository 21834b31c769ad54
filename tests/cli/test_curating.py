"""Curating at the command line."""

from __future__ import annotations

from pathlib import Path

from stonehand.accounts.permissions import Person
from stonehand.curation.errors import CurationEnded, CurationUnfit, WeightsUnfit
from stonehand.db import Database
from tests.cli.conftest import Cli
from tests.curation.conftest import _trip, analysed, run  # noqa: F401  a fixture
from tests.curation.test_tasks import BRIDGE, COOKING


def test_a_topic_is_curated(prepared: Database, admin: Person, cli: Cli) -> None:
    one = analysed(prepared, "Harbour bridge closes", BRIDGE * 6, url="https://a.example/1")
    two = analysed(prepared, "Bridge of the harbour", COOKING + BRIDGE, url="https://reuters.com/1")
    made = cli("curate", "start", "harbour bridge", "--most", "1", "--json").json
    assert (made["state"], made["created_by"]) == ("reading", "Ada")
    run(prepared, made["id"])
    assert cli("curate", "show", made["id"], "--json").json["chosen"] == 1
    assert [each["article_id"] for each in cli("curate", "items", made["id"], "--json").json] == [one]
    assert "enough" in cli("curate", "items", made["id"], "--all").out
    assert cli("curate", "weights", "save", "repute", "--part", "reputation=1").code == 0
    places = cli("curate", "compare", made["id"], "standard", "repute", "--json").json
    assert [(each["id"], each["standard"], each["repute"]) for each in places] == [(two, None, 1), (one, 1, None)]
    again = cli("curate", "choose", made["id"], "--weights", "repute", "--domain-cap", "5", "--json").json
    assert (again["chosen"], again["rules"]["domain_cap"]) == (2, 5)
    assert isinstance(cli("curate", "stop", made["id"]).error, CurationEnded)
    assert cli("curate", "remove", made["id"]).code == 0
    assert cli("curate", "list", "--json").json == []


def test_addresses_come_from_options_and_a_file(prepared: Database, admin: Person, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("https://a.invalid/1\nhttps://a.invalid/2\n")
    made = cli("curate", "start", "--url", "https://b.invalid/", "--file", str(tmp_path / "list.txt"), "--json").json
    assert (made["kind"], made["total"]) == ("batch", 3)
    assert cli("curate", "stop", made["id"], "--json").json["state"] == "stopped"
    (tmp_path / "list.txt").write_text("not an address\n\n  https://a.invalid/3  \n")
    assert cli("curate", "start", "--file", str(tmp_path / "list.txt"), "--json").json["total"] == 2, "one a line"
    assert isinstance(cli("curate", "start").error, CurationUnfit)


def test_weights(prepared: Database, admin: Person, cli: Cli) -> None:
    assert isinstance(cli("curate", "weights", "save", "x", "--part", "recency=3").error, WeightsUnfit)
    assert cli("curate", "weights", "save", "x", "--part", "recency").code == 2
    assert cli("curate", "weights", "save", "fresh", "--part", "recency=0.5", "--doubt", "spam.example").code == 0
    cli("curate", "weights", "use", "fresh")
    assert [(each["name"], each["in_use"]) for each in cli("curate", "weights", "list", "--json").json] == [
        ("standard", False),
        ("fresh", True),
    ]
    assert "fresh" in cli("curate", "weights", "list").out
    assert cli("curate", "weights", "remove", "fresh").code == 0
