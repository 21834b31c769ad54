"""From an alert to the message about it."""

from __future__ import annotations

from stonehand import config
from stonehand.alerts import queries
from stonehand.alerts.messages import Event, Message
from stonehand.db import Session, utc_now

TEST = "somebody asked whether messages arrive, and this one did"


def message(session: Session, alert_id: str, event: Event) -> Message:
    """The message about an alert. Raises `AlertNotFound`."""
    if event == "test":
        return trial()
    alert = queries.alert(session, alert_id)
    ended_at = alert.ended_at if event == "over" else None
    return Message(event, alert.id, alert.rule, alert.subject, alert.sentence, alert.began_at, ended_at, page_address())


def trial() -> Message:
    """A test message."""
    return Message("test", "test", "test", "", TEST, utc_now(), None, page_address())


def page_address() -> str:
    """Where the alerts can be seen, if the newsroom's address is known."""
    base = config.settings().public_url
    return f"{base.rstrip('/')}/ops/alerts" if base else ""
