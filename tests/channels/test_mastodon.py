"""What is Mastodon's own: words that fit, reading back what was sent, and waiting before anything is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from stonehand.channels.interfaces import ArrivalDisputed, ArrivalUnknown, ConfigUnfit, Reference, Target
from stonehand.plugins import mastodon
from stonehand.plugins.mastodon import Mastodon
from stonehand.plugins.mastodon_text import Room, counted, essence, shown, status
from tests.channels.conftest import KEY, Kept, make_piece
from tests.channels.contract.mastodon_bench import MastodonBench
from tests.lookalikes import mastodon as lookalike

PIECE = make_piece()
POST, LOOK = "POST statuses", "GET accounts/ID/statuses"


@pytest.fixture
def server(near: None) -> Iterator[lookalike.Mastodon]:
    with lookalike.Mastodon.running() as made:
        yield made


@pytest.fixture
def account(server: lookalike.Mastodon, tmp_path: Path) -> Target:
    return Target("Account", tmp_path / "account", MastodonBench.config(server), {"access_token": lookalike.TOKEN})


def test_a_status_has_title_excerpt_link_label_and_tag() -> None:
    assert status(PIECE, "", Room()).split("\n\n") == [
        PIECE.title,
        PIECE.excerpt,
        "https://a.example/1?a=1&b=2",
        PIECE.label,
        "#AutomatedNews",
    ]
    assert "https://news.example/bridge-opens-1/" in status(PIECE, "https://news.example", Room())
    assert "https://news.example/p/bridge-opens-1.html" in status(PIECE, "https://news.example/p/{slug}.html", Room())
    assert "#" not in status(replace(PIECE, generator="person"), "", Room())


def test_what_does_not_fit_is_cut_at_words_but_never_label_or_link() -> None:
    long = replace(
        PIECE,
        title="Harbour " * 20,
        excerpt="word " * 200,
        references=(Reference(1, "A", f"https://a.example/{'x' * 300}"),),
    )
    for characters in (500, 300, 200, 120):
        text = status(long, "", Room(characters))
        assert counted(text, Room(characters)) <= characters
        assert text.count("https://") == 1
        assert text.split("\n\n")[-2:] == [PIECE.label, "#AutomatedNews"]
    assert status(long, "", Room(500)).split("\n\n")[1].endswith("word…")
    with pytest.raises(ConfigUnfit, match="no room for the label"):
        status(long, "", Room(80))


def test_a_source_can_call_nobody_and_adds_no_link() -> None:
    text = status(replace(PIECE, title="@mira@social.example says https://evil.example/x"), "", Room())
    assert "@m" not in text
    assert "https://evil" not in text


@pytest.mark.parametrize(
    "text",
    [
        "A & B <b>\n\nTwo\nlines\n\nhttps://a.example/a/very/long/path/that/is/cut?a=1&b=2\n\nLabel.\n\n#Tag",
        "Ünïcode 🌉 – “quoted”\n\nhttps://a.example/",
        "No link at all #one #two",
        "An @\u200bname",
    ],
)
def test_a_status_is_known_again_in_the_form_that_a_server_gives_it(text: str) -> None:
    assert shown(lookalike.formatted(text)) == essence(text)
    assert shown(lookalike.formatted(f"{text} more")) != essence(text)


def test_what_may_have_arrived_is_looked_for_and_sent_again_only_when_nothing_can_come_any_more(
    server: lookalike.Mastodon, account: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = datetime.now(UTC)
    server.befall(POST, "unheard")
    notes = Kept()
    for passed in (0, 60, 179):
        monkeypatch.setattr(mastodon, "_now", lambda passed=passed: began + timedelta(seconds=passed))
        with pytest.raises(ArrivalUnknown) as caught:
            Mastodon().deliver(PIECE, KEY, account, notes)
        assert (caught.value.retry_after or 0) <= 30
    assert server.asked[POST] == 1
    monkeypatch.setattr(mastodon, "_now", lambda: began + mastodon.SURE)
    Mastodon().deliver(PIECE, KEY, account, notes)
    assert server.asked[POST] == 2
    keys = {each.headers["idempotency-key"] for each in server.seen if each.method == "POST"}
    assert len(keys) == 1, "a server that heeds it shows a repeat once in any case"


def test_a_status_is_found_among_many(server: lookalike.Mastodon, account: Target) -> None:
    server.befall(POST, "lost")
    notes = Kept()
    with pytest.raises(ArrivalUnknown):
        Mastodon().deliver(PIECE, KEY, account, notes)
    for number in range(2, 70):
        Mastodon().deliver(make_piece(number), f"{number:020}", account, Kept())
    assert Mastodon().deliver(PIECE, KEY, account, notes).remote_id == min(server.statuses)
    assert not server.doubled()


def test_a_status_that_somebody_deleted_is_for_a_person(server: lookalike.Mastodon, account: Target) -> None:
    server.honours = True
    Mastodon().deliver(PIECE, KEY, account, Kept())
    server.statuses.clear()
    with pytest.raises(ArrivalDisputed, match="deleted"):
        Mastodon().deliver(PIECE, KEY, account, Kept())


def test_a_status_says_its_language_and_who_sees_it(server: lookalike.Mastodon, account: Target) -> None:
    config = {**account.config, "visibility": "unlisted", "content_warning": "News"}
    Mastodon().deliver(replace(PIECE, language="de-AT"), KEY, replace(account, config=config), Kept())
    (made,) = server.statuses.values()
    assert (made.wish["language"], made.wish["visibility"], made.wish["spoiler_text"]) == ("de", "unlisted", "News")


def test_settings_are_checked_at_the_server(server: lookalike.Mastodon, account: Target) -> None:
    given = replace(account, config={"url": f"{server.url}/"})
    assert Mastodon().validate(given) == account.config
    server.characters, server.has_v2 = 5000, False
    assert Mastodon().validate(given)["characters"] == 5000, "servers that are not Mastodon say it elsewhere"
    assert "@desk lets us in and is marked as automated. A status may have 5000" in Mastodon().test(account)
    server.is_bot = False
    assert "is not marked as automated" in Mastodon().test(account)
    for changes, words in (
        ({"url": f"{server.url}/elsewhere"}, "no API of Mastodon"),
        ({"visibility": "secret"}, "visibility is one of public"),
        ({"link_base": "ftp://a/{slug}"}, "address"),
    ):
        with pytest.raises(ConfigUnfit, match=words):
            Mastodon().validate(replace(given, config={**given.config, **changes}))
