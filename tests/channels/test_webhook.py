"""What is the webhook's own: signatures as the specification has them, one id for each message, and ways to log in."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stonehand.channels.interfaces import ArrivalUnknown, ConfigUnfit, LoginRefused, Target
from stonehand.errors import Rejected
from stonehand.http_client import RequestRefused
from stonehand.plugins import json_service, webhook, webhook_signing
from stonehand.plugins.json_service import ServiceRefused
from stonehand.plugins.webhook import Webhook
from tests.channels.conftest import KEY, Kept, make_piece
from tests.lookalikes import receiver as lookalike
from tests.lookalikes.faulty import Asked, Refused

PIECE = make_piece()


@pytest.fixture
def receiver(near: None) -> Iterator[lookalike.Receiver]:
    with lookalike.Receiver.running() as made:
        yield made


@pytest.fixture
def hook(receiver: lookalike.Receiver, tmp_path: Path) -> Target:
    secrets = {"signing_secret": lookalike.SECRET, "token": lookalike.TOKEN}
    return Target("Hook", tmp_path / "hook", {"url": f"{receiver.url}/in", "auth": "bearer"}, secrets)


def test_a_signature_is_that_of_the_specification() -> None:
    key = webhook_signing.secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = webhook_signing.headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_repeat_is_the_same_message_with_a_new_signature(
    receiver: lookalike.Receiver, hook: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, now = Kept(), time.time()
    receiver.befall("POST publish", "error after")
    with pytest.raises(ArrivalUnknown):
        Webhook().deliver(PIECE, KEY, hook, notes)
    monkeypatch.setattr(time, "time", lambda: now + 60)
    done = Webhook().deliver(PIECE, KEY, hook, notes)
    first, second = (each for each in receiver.seen if each.data["action"] == "publish")
    assert (first.headers["webhook-id"], first.body) == (second.headers["webhook-id"], second.body)
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]
    assert done.url == f"{receiver.url}/pieces/p-1"
    assert receiver.ever == [KEY]


def test_a_message_holds_the_whole_piece(receiver: lookalike.Receiver, hook: Target) -> None:
    Webhook().deliver(replace(PIECE, keywords=("bridge",), image_url="javascript:x"), KEY, hook, Kept())
    (message,) = receiver.of_key(KEY)
    shown = message["piece"]
    assert (shown["title"], shown["label"], shown["keywords"]) == (PIECE.title, PIECE.label, ["bridge"])
    assert "<strong>open</strong>" in shown["html"]
    assert shown["references"][0]["quotes"] == ["It is open."]
    assert shown["image_url"] == ""


def test_a_receiver_that_says_that_it_has_it_is_believed_only_after_it_was_sent(
    receiver: lookalike.Receiver, hook: Target
) -> None:
    receiver.conflicts, notes = True, Kept()
    receiver.befall("POST publish", "lost")
    with pytest.raises(ArrivalUnknown):
        Webhook().deliver(PIECE, KEY, hook, notes)
    done = Webhook().deliver(PIECE, KEY, hook, notes)
    assert (done.url, done.remote_id) == (hook.config["url"], KEY)
    receiver.befall("POST publish", "409")
    with pytest.raises(Rejected, match="409"):
        Webhook().deliver(PIECE, KEY[::-1], hook, Kept())


def test_a_receiver_that_tells_nothing_is_enough(receiver: lookalike.Receiver, hook: Target) -> None:
    receiver.tells = False
    done = Webhook().deliver(PIECE, KEY, hook, Kept())
    assert (done.url, done.remote_id) == (hook.config["url"], KEY)
    receiver.befall("POST publish", "410")
    with pytest.raises(LoginRefused, match="gone for good"):
        Webhook().deliver(PIECE, KEY[::-1], hook, Kept())


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "authorization", f"Bearer {lookalike.TOKEN}"),
        ("api_key", "x-api-key", lookalike.TOKEN),
        ("basic", "authorization", f"Basic {base64.b64encode(f'mira:{lookalike.TOKEN}'.encode()).decode()}"),
    ],
)
def test_each_way_to_log_in(
    receiver: lookalike.Receiver, hook: Target, auth: str, header: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(asked: Asked) -> None:
        if asked.headers.get(header) != value:
            raise Refused(401, {"error": "who are you?"})

    monkeypatch.setattr(receiver, "_check", check)
    assert "took a test message (200)" in Webhook().test(
        replace(hook, config={**hook.config, "auth": auth, "username": "mira"})
    )
    with pytest.raises(LoginRefused, match="who are you"):
        Webhook().test(replace(hook, config={**hook.config, "auth": "none"}))


def test_a_receiver_that_has_moved_is_told_with_its_new_host() -> None:
    moved = RequestRefused("asked to send the same data to new.example instead; give that address", 307)
    said = r"the receiver refuses it .307.: asked to send .* to new\.example"
    with pytest.raises(ServiceRefused, match=said), json_service.meaning(webhook.RECEIVER):
        raise moved


def test_settings_are_checked(hook: Target) -> None:
    assert Webhook().validate(hook) == hook.config
    for config, secrets, words in (
        ({"auth": "bearer"}, {"token": ""}, "needs its token"),
        ({"auth": "basic"}, {}, "needs its username"),
        ({}, {"signing_secret": ""}, "needs its signing_secret"),
        ({}, {"signing_secret": "whsec_c2hvcnQ="}, "openssl rand"),
        ({}, {"signing_secret": "A" * 40}, "openssl rand"),
        ({"url": "https://a.example/?token=b"}, {}, "question mark"),
        ({"url": "http://a.example/"}, {}, "in the open"),
    ):
        wrong = replace(hook, config={**hook.config, **config}, secrets={**hook.secrets, **secrets})
        with pytest.raises(ConfigUnfit, match=words):
            Webhook().validate(wrong)
