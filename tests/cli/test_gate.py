"""The gate at the command line: decisions about many, comments, the trail, policies, the brake, corrections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from stonehand import pipeline as house
from stonehand.accounts.permissions import Person
from stonehand.brakes import queries as brakes
from stonehand.channels import service as channels
from stonehand.channels.errors import ChannelNotFound
from stonehand.db import Database, now, utc_now
from stonehand.drafts import queries as drafts
from stonehand.drafts.errors import NothingCorrected
from stonehand.drafts.states import DraftState
from stonehand.jobs import announcements
from stonehand.jobs.testing import run_all
from stonehand.nlp import embedding, lexical
from stonehand.publications import queries as publications
from stonehand.publications.errors import ChangeNotOpen, PublicationNotFound, PublicationNotShown
from stonehand.publications.models import Publication, PublicationChange
from stonehand.reviews import service
from stonehand.reviews.errors import (
    CommentNotFound,
    CommentsUnresolved,
    DecisionUnfit,
    PolicyNotFound,
    PolicyUnfit,
    ReviewNotFound,
)
from stonehand.reviews.models import ApprovalPolicy
from stonehand.timing import wishes
from stonehand.timing.errors import TimeUnfit
from tests.cli.conftest import Cli
from tests.publications.kinds import Changeable
from tests.reviews import desk
from tests.reviews.desk import ANN


@pytest.fixture(autouse=True)
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The whole trip, with vectors that need no model."""
    before = dict(announcements._followers)
    monkeypatch.setattr(embedding, "embed", lexical.hashed)
    house.install()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Changeable:
    made = Changeable()
    monkeypatch.setattr(channels, "plugin", lambda _kind: made)
    return made


@pytest.fixture
def waiting(prepared: Database, admin: Person, board: Changeable) -> list[str]:
    """Ids of two open reviews of drafts for the channel Site."""
    with prepared.transaction() as session:
        desk.channel(session, "site")
    return [each.id for each in desk.written(prepared, 2)]


@pytest.fixture
def shown(prepared: Database, waiting: list[str]) -> Publication:
    """A piece that can be seen."""
    with prepared.transaction() as session:
        service.approve(session, waiting[0], ANN, accept_unsupported=True, time_to_undo=timedelta())
    run_all(prepared)
    with prepared.read() as session:
        return publications.newest(session)[0]


def test_many_are_decided_about_and_taken_back(cli: Cli, waiting: list[str]) -> None:
    assert isinstance(cli("review", "bulk", "request_changes", "--yes").error, DecisionUnfit)
    assert cli("review", "bulk", "reject", stdin="n\n").code == 1
    assert isinstance(cli("review", "bulk", "approve", "--channel", "nowhere", "--yes").error, ChannelNotFound)
    none = cli("review", "bulk", "reject", "--language", "fr", "--yes", "--json").json
    assert (none["total"], none["state"]) == (0, "done")
    done = cli("review", "bulk", "reject", "--note", "Old.", "--yes", "--json").json
    assert (done["decided"], done["skipped"], done["state"]) == (2, [], "done")
    assert cli("review", "show", waiting[0], "--json").json["state"] == "rejected"
    back = cli("review", "bulk-undo", done["id"], "--json").json
    assert back == {"taken_back": 2, "too_late": 0}
    assert cli("review", "show", waiting[0], "--json").json["state"] == "open"


def test_a_comment_holds_up_until_it_is_dealt_with_and_the_trail_says_so(cli: Cli, waiting: list[str]) -> None:
    review = waiting[0]
    made = cli("review", "comment", review, "Ask the council.", "--must", "--json").json
    assert (made["must"], made["resolved_by"], made["user_name"]) == (True, None, "Ada")
    assert isinstance(cli("review", "approve", review, "--accept-unsupported").error, CommentsUnresolved)
    assert isinstance(cli("review", "comment", "nothing", "Words.").error, ReviewNotFound)
    assert isinstance(cli("review", "comment", waiting[1], "No.", "--answers", made["id"]).error, CommentNotFound)
    assert isinstance(cli("review", "resolve", "nothing").error, CommentNotFound)
    assert cli("review", "resolve", made["id"], "--json").json["resolved_by"] == "Ada"
    assert "open again" in cli("review", "resolve", made["id"], "--reopen").out
    cli("review", "resolve", made["id"])
    assert [each["body"] for each in cli("review", "comments", review, "--json").json] == ["Ask the council."]
    trail = [(each["who"], each["verb"]) for each in cli("review", "trail", review, "--json").json]
    assert ("Ada", "commented on") in trail
    assert ("Ada", "reopened a comment on") in trail
    assert isinstance(cli("review", "trail", "nothing").error, ReviewNotFound)


def test_a_policy_is_written_switched_and_refused(cli: Cli, prepared: Database, waiting: list[str]) -> None:
    wish = ("--reason", "Weather notes of one agency", "--cap", "2", "--days", "5")
    refused = cli("policy", "on", "site").error
    assert isinstance(refused, PolicyNotFound)
    assert "channel site has no policy" in str(refused)
    written = cli("policy", "write", "site", *wish, "--json").json
    assert (written["is_on"], written["daily_cap"], written["support"]) == (False, 2, "verbatim")
    assert isinstance(cli("policy", "write", "site", *wish, "--max-words", "0").error, PolicyUnfit)
    assert cli("policy", "write", "site", *wish[:4]).code == 2, "it must say for how long"
    assert isinstance(cli("policy", "write", "nowhere", *wish).error, ChannelNotFound)
    assert cli("policy", "on", "site", "--json").json["is_on"] is True
    assert [each["is_on"] for each in cli("policy", "list", "--json").json] == [True]
    with prepared.transaction() as session:
        session.execute(sa.update(ApprovalPolicy).values(expires_at=utc_now()))
    assert [each["state"] for each in cli("policy", "list", "--json").json] == ["expired"]
    assert "expired" in cli("policy", "list").out
    assert cli("policy", "off", "site").out == "The policy of site is off.\n"
    assert cli("policy", "eyes", "site", "two", "--json").json == {"channel": "site", "eyes": "two"}
    assert cli("policy", "eyes", "site", "many").code == 2
    assert isinstance(cli("policy", "eyes", "nowhere", "two").error, ChannelNotFound)


def test_an_approval_that_is_not_enough_says_who_is_needed(cli: Cli, waiting: list[str]) -> None:
    cli("policy", "eyes", "site", "two")
    wish = ("review", "approve", waiting[0], "--channel", "site", "--accept-unsupported")
    told = cli(*wish).out
    assert told == (
        f"Review {waiting[0]}: still open. The approval by Ada counts; for site, a second person has to approve it.\n"
    )
    assert cli(*wish, "--json").json["state"] == "open"


def test_everything_stops_and_goes_on(cli: Cli, prepared: Database, admin: Person) -> None:
    stopped = cli("stop-everything", "--reason", "A wrong name", "--json").json
    assert (stopped["stopped"], stopped["reason"]) == (True, "A wrong name")
    with prepared.read() as session:
        assert brakes.stop(session)
    assert cli("stop-everything", "--reason", "Again").code == 0, "a second press does no harm"
    assert cli("resume-everything", "--json").json == {"stopped": False, "changed": True}
    assert "Nothing was stopped." in cli("resume-everything").out
    with prepared.read() as session:
        assert brakes.stop(session) is None


def test_a_piece_is_corrected_after_its_review(
    cli: Cli, prepared: Database, shown: Publication, board: Changeable, tmp_path: Path
) -> None:
    with prepared.read() as session:
        text = drafts.piece(session, shown.revision_id).markdown
    file = tmp_path / "text.md"
    file.write_text(text)
    same = cli("publication", "correct", shown.id, str(file), "--note", "Nothing.")
    assert isinstance(same.error, NothingCorrected)
    assert isinstance(cli("publication", "correct", "nothing", str(file), "--note", "x").error, PublicationNotFound)
    assert cli("publication", "correct", shown.id, str(tmp_path / "none.md"), "--note", "x").code == 2
    opened = cli(
        "publication", "correct", shown.id, "-", "--note", "The price.", "--json", stdin=f"It costs 3.\n\n{text}"
    )
    review = opened.json
    assert (review["state"], review["correction"]) == ("open", "The price.")
    with prepared.transaction() as session:
        service.approve(session, review["id"], ANN, accept_unsupported=True, time_to_undo=timedelta())
    run_all(prepared)
    assert "The price." in next(iter(board.seen.values()))
    listed = cli("publication", "changes", shown.id, "--json").json
    assert [(each["kind"], each["state"]) for each in listed] == [("correction", "done")]


def test_a_piece_is_taken_back_and_doubts_are_settled(
    cli: Cli, prepared: Database, shown: Publication, board: Changeable
) -> None:
    assert cli("publication", "retract", shown.id).code == 2, "it must say why"
    assert isinstance(cli("publication", "retract", "nothing", "--reason", "x").error, PublicationNotFound)
    assert cli("publication", "retract", shown.id, "--reason", "Made up.", "--json").json["state"] == "retracting"
    assert isinstance(cli("publication", "retract", shown.id, "--reason", "Again.").error, PublicationNotShown)
    (change,) = cli("publication", "changes", shown.id, "--json").json
    assert isinstance(cli("publication", "change", "retry", change["id"]).error, ChangeNotOpen)
    run_all(prepared)
    assert board.seen == {}
    assert isinstance(cli("publication", "change", "happened", change["id"]).error, ChangeNotOpen)
    with prepared.read() as session:
        assert drafts.draft(session, shown.draft_id).state == DraftState.RETRACTED


def test_a_change_in_doubt_is_settled_by_a_person(cli: Cli, prepared: Database, shown: Publication) -> None:
    cli("publication", "retract", shown.id, "--reason", "Made up.")
    (change,) = cli("publication", "changes", shown.id, "--json").json
    with prepared.transaction() as session:
        found = session.get_one(PublicationChange, change["id"])
        found.state, found.error = "needs_reconcile", "nobody answers"
    assert cli("publication", "change", "missing", change["id"], "--json").json["state"] == "waiting"
    with prepared.transaction() as session:
        session.get_one(PublicationChange, change["id"]).state = "needs_reconcile"
    assert cli("publication", "change", "happened", change["id"]).out == "It is done.\n"
    assert cli("publication", "show", shown.id, "--json").json["state"] == "retracted"


def test_an_approval_names_its_time(cli: Cli, prepared: Database, waiting: list[str]) -> None:
    wish = ("review", "approve", waiting[0], "--accept-unsupported")
    assert isinstance(cli(*wish, "--at", "tomorrow").error, TimeUnfit)
    assert isinstance(cli(*wish, "--at", "2001-01-01T09:00").error, TimeUnfit)
    with prepared.read() as session:
        at = (now(session) + timedelta(days=2)).replace(second=0, microsecond=0)
    facts = cli(*wish, "--at", f"{at:%Y-%m-%dT%H:%M}", "--zone", "UTC", "--json").json
    assert facts["state"] == "approved"
    with prepared.read() as session:
        assert [each.due_at for each in wishes.of_draft(session, facts["draft_id"])] == [at]
