"""What is listmonk's own: texts that are run as templates, mails that are out, and campaigns that others touch."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stonehand.channels.interfaces import ArrivalDisputed, CanUpdate, ConfigUnfit, LoginRefused, Target
from stonehand.errors import Rejected
from stonehand.plugins import listmonk_campaigns
from stonehand.plugins.listmonk import Listmonk, MailsAreOut
from tests.channels.conftest import KEY, Kept, make_piece
from tests.lookalikes import listmonk as lookalike
from tests.lookalikes.faulty import Refused

PIECE = make_piece()


@pytest.fixture
def server(near: None) -> Iterator[lookalike.Listmonk]:
    with lookalike.Listmonk.running() as made:
        yield made


@pytest.fixture
def letter(server: lookalike.Listmonk, tmp_path: Path) -> Target:
    config = {"url": server.url, "username": lookalike.USER, "lists": "3, 7", "archive": "no"}
    return Target("Letter", tmp_path / "letter", config, {"token": lookalike.TOKEN})


def test_no_template_of_a_source_is_run(server: lookalike.Listmonk, letter: Target) -> None:
    nasty = "{{ .Subscriber.Email }} {{{ https://a.example/x@TrackLink"
    Listmonk().deliver(replace(PIECE, title=nasty, excerpt=nasty, markdown=nasty, label=nasty), KEY, letter, Kept())
    (made,) = server.campaigns.values()
    for text in (made.wish["body"], made.wish["subject"], made.wish["altbody"], made.wish["name"]):
        assert "{{" not in text
        assert "}}" not in text
        assert "@TrackLink" not in text
    assert "{{ .Subscriber.Email }}" in html.unescape(made.wish["body"]), "readers see what was written"


def test_a_campaign_has_lists_texts_and_a_header(server: lookalike.Listmonk, letter: Target) -> None:
    config = {**letter.config, "template_id": "4", "from_email": "Desk <desk@example.org>", "archive": "yes"}
    done = Listmonk().deliver(PIECE, KEY, replace(letter, config=config), Kept())
    (made,) = server.campaigns.values()
    assert (made.wish["lists"], made.wish["template_id"], made.wish["from_email"]) == ([3, 7], 4, config["from_email"])
    assert (made.wish["subject"], made.wish["name"]) == (PIECE.title, f"{PIECE.title} ({KEY})")
    assert made.wish["headers"] == [
        {"X-Stonehand-Provenance": "generator=offline; https://schema.org/AlgorithmicMediaDigitalSource"}
    ]
    assert made.wish["altbody"].startswith(PIECE.label)
    assert done.url == f"{server.url}/archive/{made.uuid}"


def test_mails_that_are_out_cannot_be_taken_back(server: lookalike.Listmonk, letter: Target) -> None:
    assert not isinstance(Listmonk(), CanUpdate)
    done = Listmonk().deliver(PIECE, KEY, letter, Kept())
    (made,) = server.campaigns.values()
    made.sent = 11
    for _ in range(2):
        with pytest.raises(MailsAreOut, match="11 of 40 mails are out"):
            Listmonk().retract(done, KEY, letter, "wrong")
        assert made.status == "cancelled", "the rest is stopped"
    made.status, made.sent = "finished", 40
    with pytest.raises(MailsAreOut, match="40 of 40"):
        Listmonk().retract(done, KEY, letter, "wrong")


def test_a_campaign_that_others_touched_is_for_a_person(server: lookalike.Listmonk, letter: Target) -> None:
    notes = Kept()
    Listmonk().deliver(PIECE, KEY, letter, notes)
    (made,) = server.campaigns.values()
    made.status = "paused"
    Listmonk().deliver(PIECE, KEY, letter, notes)
    assert made.status == "paused", "who pauses it knows why"
    made.status = "cancelled"
    with pytest.raises(ArrivalDisputed, match="made it cancelled"):
        Listmonk().deliver(PIECE, KEY, letter, notes)
    made.wish["tags"] = []
    with pytest.raises(ArrivalDisputed, match="tag"):
        Listmonk().deliver(PIECE, KEY, letter, notes)
    server.campaigns.clear()
    with pytest.raises(ArrivalDisputed, match="no longer there"):
        Listmonk().deliver(PIECE, KEY, letter, notes)
    assert len(server.started) == 1


def test_a_start_that_is_refused_is_not_taken_for_one(
    server: lookalike.Listmonk, letter: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(found: lookalike.Campaign, status: str) -> None:
        raise Refused(400, {"message": "no subscribers"})

    monkeypatch.setattr(server, "_follow", refuse)
    with pytest.raises(Rejected, match="does not start campaign 1"):
        Listmonk().deliver(PIECE, KEY, letter, Kept())


def test_a_server_that_knows_no_tags_is_looked_through(server: lookalike.Listmonk, letter: Target) -> None:
    server.knows_tags = False
    one = Listmonk().deliver(PIECE, KEY, letter, Kept())
    Listmonk().deliver(make_piece(2), KEY[::-1], letter, Kept())
    assert Listmonk().deliver(PIECE, KEY, letter, Kept()) == one
    assert len(server.started) == 2


def test_times_as_go_writes_them() -> None:
    said = {"id": 1, "uuid": "u", "status": "draft", "tags": None, "created_at": "x"}
    for text in ("2026-03-14T17:36:41.29451+01:00", "2026-03-14T16:36:41.123456789Z", "2026-03-14T16:36:41Z"):
        assert listmonk_campaigns.campaign({**said, "updated_at": text}).changed_at.year == 2026


def test_settings_are_checked_at_the_server(server: lookalike.Listmonk, letter: Target) -> None:
    given = replace(letter, config={**letter.config, "url": f"{server.url}/admin"})
    assert Listmonk().validate(given) == letter.config
    assert "“Daily” with 40 subscribers, “Weekly” with 40" in Listmonk().test(letter)
    for changes, words in (
        ({"lists": "daily"}, "lists are numbers"),
        ({"lists": "9"}, "no list 9"),
        ({"template_id": "mine"}, "template_id is a number"),
    ):
        with pytest.raises(ConfigUnfit, match=words):
            Listmonk().validate(replace(given, config={**given.config, **changes}))
    server.token = "another"
    with pytest.raises(LoginRefused, match="invalid API credentials"):
        Listmonk().test(letter)
