"""The calendar and times of pieces at the command line."""

from __future__ import annotations

import pytest

from stonehand import config, db, pipeline
from stonehand.accounts.permissions import Person
from stonehand.db import Database
from stonehand.drafts.models import Draft
from tests.cli.conftest import Cli


@pytest.fixture
def draft(prepared: Database) -> str:
    pipeline.install()
    with prepared.transaction() as session:
        moment = db.now(session)
        row = Draft(
            id="d1",
            story_id="s",
            title="Bridge",
            state="in_review",
            created_by="1",
            created_at=moment,
            updated_at=moment,
        )
        session.add(row)
    return "d1"


def test_a_wish_is_made_shown_and_taken_back(cli: Cli, admin: Person, draft: str) -> None:
    assert cli("channel", "add", "folder", "--name", "Post").code == 0
    at = ("--at", f"{db.utc_now().year + 1}-01-02T09:00", "--zone", "Europe/Zurich")
    said = cli("publish", "schedule", draft, "--channel", "Post", *at)
    assert "09:00 (Europe/Zurich), once approved" in said.out
    (entry,) = cli("calendar", "--days", "366", "--json").json
    assert (entry["kind"], entry["at"][11:16]) == ("wish", "08:00")
    assert "09:00" in cli("calendar", "--days", "366", "--zone", "Europe/Zurich", "--channel", "Post").out
    assert "It is taken off" in cli("publish", "cancel", entry["id"]).out
    assert cli("calendar", "--days", "366", "--json").json == []


def test_what_a_channel_bears(cli: Cli, admin: Person, draft: str) -> None:
    cli("channel", "add", "folder", "--name", "Post")
    assert "anything at any time" in cli("publish", "hours", "Post").out
    cli("publish", "hours", "Post", "--quiet", "22:00-07:00", "--zone", "Europe/Zurich")
    told = cli("publish", "hours", "Post", "--per-day", "5", "--json").json
    assert (told["quiet"], told["per_day"], told["timezone"]) == (["22:00-07:00"], 5, "Europe/Zurich")
    assert "anything at any time" in cli("publish", "hours", "Post", "--clear").out


def test_a_time_without_a_zone_is_on_the_newsroom_s_clocks(
    cli: Cli, admin: Person, draft: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STONEHAND_TIMEZONE", "Europe/Zurich")
    config.settings.cache_clear()
    cli("channel", "add", "folder", "--name", "Post")
    said = cli("publish", "schedule", draft, "--channel", "Post", "--at", f"{db.utc_now().year + 1}-01-02T09:00")
    assert "09:00 (Europe/Zurich), once approved" in said.out
    assert "09:00" in cli("calendar", "--days", "366").out
    assert cli("publish", "hours", "Post", "--json").json["timezone"] == "Europe/Zurich"
    made = cli("agents", "add", "Harbour desk", "--cron", "0 9 * * *", "--json").json
    assert (made["timezone"], made["next_runs"][0]["local"][11:16]) == ("Europe/Zurich", "09:00")
