"""The webhook channel: each piece as a signed message to an address of yours.

The message of a piece has the same id however often it is sent, so that its receiver keeps it once (Standard Webhooks).
When no answer comes, it is sent again.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from stonehand.channels import heads
from stonehand.channels.interfaces import (
    ArrivalUnknown,
    Config,
    ConfigUnfit,
    Delivery,
    LoginRefused,
    Notes,
    Piece,
    Setting,
    Target,
)
from stonehand.errors import Unavailable
from stonehand.hookspecs import Register, hookimpl
from stonehand.http_client import PageMissing, Reply
from stonehand.plugins import channel_settings, json_service, webhook_signing
from stonehand.plugins.folder_pages import as_html, clean
from stonehand.plugins.json_service import AnswerOdd, Service, ServiceRefused

_LONGEST_ID = 500
RECEIVER = Service(
    "the receiver",
    "enter what it lets in, then switch the channel on",
    lambda said: str(said.get("message") or said.get("error") or said.get("detail") or ""),
    is_terse=True,
)


class Webhook:
    """An address that takes messages `{"action": "publish" | "update" | "delete" | "test", ...}`."""

    kind = "webhook"
    title = "webhook"
    settings = (
        Setting("url", "Address", "Where the messages go.", "url"),
        Setting(
            "signing_secret",
            "Signing secret",
            "whsec_ and random bytes in base64; the receiver needs the same to know that a message is ours.",
            "password",
        ),
        Setting("auth", "How we log in", "", "choice", False, ("none", "bearer", "api_key", "basic")),
        Setting("username", "User name", "Only to log in with basic.", "text", False),
        Setting("token", "Token or password", "Unless we need not log in.", "password", False),
    )
    secret_names = channel_settings.secret_names(settings)

    def address(self, config: Config) -> str:
        """The receiver's origin."""
        return channel_settings.origin(config.get("url"))

    def validate(self, target: Target) -> dict[str, Any]:
        """The settings, after the receiver has taken a message that asks for nothing."""
        kept = channel_settings.given(self.title, self.settings, target)
        kept["url"] = channel_settings.address(kept["url"], "https://example.org/stonehand")
        if kept["auth"] != "none" and not target.secrets.get("token"):
            raise ConfigUnfit(f"a webhook with auth {kept['auth']} needs its token")
        if kept["auth"] == "basic" and not kept.get("username"):
            raise ConfigUnfit("a webhook with auth basic needs its username")
        self.test(Target(target.name, target.home, kept, target.secrets))
        return kept

    def test(self, target: Target) -> str:
        """What the receiver answers to a message that asks for nothing."""
        moment = int(time.time())
        reply = _send(target, f"test-{moment}", {"action": "test", "at": moment})
        return f"The receiver took a test message ({reply.status})."

    def shown(self, piece: Piece, target: Target) -> Mapping[str, str]:
        """The message's piece."""
        return {"piece": json.dumps(_shown(piece), ensure_ascii=False, indent=1)}

    def deliver(self, piece: Piece, key: str, target: Target, notes: Notes) -> Delivery:
        """Send the message of this key, again if nobody knows whether it arrived."""
        was_sent = bool(notes.kept.get("sent"))
        if not was_sent:
            notes.remember(sent=True)  # raises if another worker delivers by now
        message = {"action": "publish", "key": key, "piece": _shown(piece)}
        return self._arrived(target, key, message, Delivery(str(target.config["url"]), key), was_sent)

    def verify(self, key: str, target: Target) -> Delivery | None:
        """Nothing: a receiver cannot be asked what it has."""
        return None

    def update(self, piece: Piece, delivery: Delivery, key: str, target: Target, notes: Notes) -> Delivery:
        """Tell the receiver the new text of what it knows by `id`. Each correction is a message of its own."""
        was_sent = bool(notes.kept.get("message"))
        if not was_sent:
            notes.remember(message=uuid4().hex)
        message = {"action": "update", "key": key, **_known(delivery), "piece": _shown(piece)}
        return self._arrived(target, f"{key}-update-{notes.kept['message']}", message, delivery, was_sent)

    def retract(self, delivery: Delivery, key: str, target: Target, reason: str) -> None:
        """Tell the receiver to remove what it knows by `id`, and why."""
        message = {"action": "delete", "key": key, **_known(delivery), "reason": reason}
        try:
            _send(target, f"{key}-delete", message)
        except PageMissing:
            return  # it knows nothing of the piece any more
        except Unavailable as error:
            if json_service.may_have_arrived(error):
                raise ArrivalUnknown(f"the receiver did not confirm it: {error}", error.retry_after) from error
            raise

    def _arrived(
        self, target: Target, message_id: str, message: Mapping[str, Any], usual: Delivery, was_sent: bool
    ) -> Delivery:
        try:
            return _delivery(_send(target, message_id, message), usual)
        except ServiceRefused as error:
            if error.code == 409 and was_sent:  # it has this message already
                return usual
            raise
        except Unavailable as error:
            if json_service.may_have_arrived(error):
                raise ArrivalUnknown(f"the receiver did not confirm the message: {error}", error.retry_after) from error
            raise


def _send(target: Target, message_id: str, message: Mapping[str, Any]) -> Reply:
    """Sign it anew and send it. Raises what `json_service.send` raises, and `LoginRefused` if the receiver has gone."""
    body = json_service.encoded(message)
    key = webhook_signing.secret(channel_settings.secret(target, "signing_secret"))
    signed = webhook_signing.headers(key, message_id, int(time.time()), body)
    try:
        reply = json_service.send(RECEIVER, str(target.config["url"]), "POST", body, {**_login(target), **signed})
    except PageMissing as error:
        if error.code == 410:
            raise LoginRefused("the receiver says that it is gone for good (410); enter its new address") from error
        raise
    if reply.content_type == "text/html":
        raise AnswerOdd("the receiver answered with a page; is a login or maintenance page in front?")
    return reply


def _login(target: Target) -> dict[str, str]:
    auth = target.config.get("auth")
    if auth in (None, "none"):
        return {}
    token = channel_settings.secret(target, "token")
    if auth == "basic":
        pair = f"{target.config.get('username', '')}:{token}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    return {"X-API-Key": token} if auth == "api_key" else {"Authorization": f"Bearer {token}"}


def _delivery(reply: Reply, usual: Delivery) -> Delivery:
    """Where the receiver says that the piece is, and what it calls it; as usual where it says nothing."""
    try:
        said = json.loads(reply.body)
        url, remote_id = str(said.get("url") or ""), str(said.get("id") or "")
    except (ValueError, AttributeError):
        return usual
    return Delivery(url if heads.is_web(url) else usual.url, remote_id[:_LONGEST_ID] or usual.remote_id)


def _known(delivery: Delivery) -> dict[str, str]:
    return {"id": delivery.remote_id, "url": delivery.url}


def _shown(piece: Piece) -> dict[str, Any]:
    """The piece as data. `html` can do nothing; `markdown` is as it was written, to be cleaned before it is shown."""
    texts = (
        "id",
        "title",
        "slug",
        "excerpt",
        "markdown",
        "language",
        "label",
        "generator",
        "meta_title",
        "meta_description",
    )
    shown: dict[str, Any] = {name: clean(str(getattr(piece, name))) for name in texts}
    return shown | {
        "html": as_html(piece.markdown),
        "at": piece.at.isoformat(timespec="seconds"),
        "image_url": piece.image_url if heads.is_web(piece.image_url) else "",
        "keywords": list(piece.keywords),
        "categories": list(piece.categories),
        "tags": list(piece.tags),
        "is_sample": piece.is_sample,
        "references": [
            {
                "number": each.number,
                "title": each.title,
                "url": each.url,
                "outlet": each.outlet,
                "quotes": list(each.quotes),
            }
            for each in piece.references
        ],
        "schema_org": heads.schema_org(piece),
    }


@hookimpl
def register_channels(register: Register) -> None:
    """Add the webhook channel."""
    register(Webhook())
