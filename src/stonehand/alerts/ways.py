"""The ways by which people are told: email, a webhook, and servers like ntfy. All wait for the network."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from stonehand import config, db, http_client
from stonehand.alerts import messages
from stonehand.alerts.errors import NoWay
from stonehand.alerts.messages import Message
from stonehand.config import Settings
from stonehand.http_client import Request, mail, named
from stonehand.http_client.mail import Relay

TIMEOUT = 20.0  # seconds
FEW = 64 * 1024  # bytes of an answer that nobody reads
URGENT = {"began": "high", "over": "default", "test": "default"}


def configured() -> list[str]:
    """The ways that are set."""
    settings = config.settings()
    given = {
        "email": settings.alert_email_to and settings.smtp_host,
        "webhook": settings.alert_webhook_url.get_secret_value(),
        "ntfy": settings.alert_ntfy_url.get_secret_value(),
    }
    return [way for way, value in given.items() if value]


def send(message: Message, way: str) -> None:
    """Send by one way. Raises `NoWay` if it is no longer set, and what the network raises."""
    if way not in configured():
        raise NoWay(f"the way {way!r} is not set any more, so nobody was told")
    WAYS[way](message, config.settings())


def _email(message: Message, settings: Settings) -> None:
    sender = settings.alert_email_from or f"stonehand@{settings.smtp_host}"
    relay = Relay(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
    )
    mail.send(messages.letter(message, sender, settings.alert_email_to, db.utc_now()), relay)


def _webhook(message: Message, settings: Settings) -> None:
    body = json.dumps(messages.document(message)).encode()
    headers = {"Content-Type": "application/json"}
    secret = settings.alert_webhook_secret.get_secret_value()
    if secret:
        headers["X-Stonehand-Signature"] = messages.signature(secret, int(time.time()), body)
    _post(settings.alert_webhook_url.get_secret_value(), headers, body)


def _ntfy(message: Message, settings: Settings) -> None:
    headers = {"Title": message.title.encode("ascii", "replace").decode(), "Priority": URGENT[message.event]}
    headers["Tags"] = "white_check_mark" if message.event == "over" else "warning"
    token = settings.alert_ntfy_token.get_secret_value()
    if token:
        headers["Authorization"] = f"Bearer {token}"
    _post(settings.alert_ntfy_url.get_secret_value(), headers, message.text.encode())


def _post(url: str, headers: Mapping[str, str], body: bytes) -> None:
    # A kept connection would stay open to strangers' links after `url_reachable` has ended.
    given = {**headers, "Connection": "close"}
    with named.url_reachable(url):
        http_client.fetch(Request(url, "POST", given, body, max_bytes=FEW, timeout=TIMEOUT))


WAYS: dict[str, Callable[[Message, Settings], None]] = {"email": _email, "webhook": _webhook, "ntfy": _ntfy}
