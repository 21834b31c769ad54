"""Agents at the command line."""

from __future__ import annotations

from stonehand.accounts.permissions import Person
from stonehand.agents.errors import AgentNotFound, AgentPaused, AgentTaken
from stonehand.db import Database
from tests.agents.conftest import GATES, HERONS, _trip, finish, shelved  # noqa: F401  a fixture
from tests.cli.conftest import Cli


def test_the_life_of_an_agent(prepared: Database, admin: Person, cli: Cli) -> None:
    shelved(prepared, "Tide gates of Port Ellis to be rebuilt", GATES)
    shelved(prepared, "Herons return to the marsh of Orne", HERONS)
    words = ("--keyword", "tide gates", "--quota", "posts_per_day=2", "--quota", "money_per_month=1.5")
    made = cli(
        "agents", "add", "Harbour desk", "--cron", "30 9 * * *", "--timezone", "Europe/Zurich", *words, "--json"
    ).json
    assert (made["schedule_words"], made["created_by"]) == ("every day at 09:30 (Europe/Zurich)", "Ada")
    assert made["quotas"] == {
        **dict.fromkeys(("posts_per_month", "tokens_per_day", "tokens_per_month", "money_per_day")),
        **{"posts_per_day": 2, "money_per_month": 1.5},
    }
    edited = cli("agents", "edit", "Harbour desk", "--tone", "dry", "--missed", "all", "--json").json
    assert (edited["tone"], edited["missed"], edited["keywords"]) == ("dry", "all", ["tide gates"])
    plan = cli("agents", "next", "Harbour desk").out
    assert "would write this" in plan
    assert "not what it writes about" in plan
    assert cli("agents", "run", "Harbour desk").code == 0
    assert cli("agents", "run", "Harbour desk", "--topic", "herons of Orne", "--json").json["job_id"]
    finish(prepared)
    assert sorted(each["state"] for each in cli("agents", "history", "Harbour desk", "--json").json) == ["written"] * 2
    assert "has used 2 of 2 posts" in cli("agents", "next", "Harbour desk").out
    [row] = cli("agents", "list", "--json").json
    assert (row["posts"], row["state"]) == (2, "active")
    assert "30 9" not in cli("agents", "list").out
    assert cli("agents", "pause", "Harbour desk", "--why", "holidays", "--json").json["note"] == "by Ada: holidays"
    assert isinstance(cli("agents", "run", "Harbour desk").error, AgentPaused)
    assert cli("agents", "resume", "Harbour desk", "--json").json["state"] == "active"
    assert "Harbour desk" in cli("agents", "show", made["id"]).out
    assert cli("agents", "remove", "Harbour desk").code == 0
    assert isinstance(cli("agents", "show", "Harbour desk").error, AgentNotFound)
    assert len(cli("agents", "history", made["id"], "--json").json) == 2


def test_what_cannot_be_is_said_in_one_line(prepared: Database, admin: Person, cli: Cli) -> None:
    assert cli("agents", "add", "Desk", "--quota", "posts_per_week=1").code == 2
    assert cli("agents", "add", "Desk", "--quota", "posts_per_day=many").code == 2
    assert cli("agents", "add", "Desk").code == 0
    assert isinstance(cli("agents", "add", "Desk").error, AgentTaken)
