"""What people and programs are told. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any, Literal

from stonehand.alerts.rules import BY_ID, TITLES

Event = Literal["began", "over", "test"]
WORDS = {"began": "", "over": "over: ", "test": ""}


@dataclass(frozen=True)
class Message:
    """One message. `address` leads to the page of alerts, if the newsroom's address is known."""

    event: Event
    id: str
    rule: str
    subject: str
    sentence: str
    began_at: datetime
    ended_at: datetime | None
    address: str

    @property
    def title(self) -> str:
        """A line."""
        about = f" ({self.subject})" if self.subject and self.rule not in BY_ID else ""
        return f"Stonehand: {WORDS[self.event]}{TITLES.get(self.rule, self.rule)}{about}"

    @property
    def text(self) -> str:
        """What happened, and what to do."""
        lines = [f"{self.sentence[:1].upper()}{self.sentence[1:]}.", ""]
        lines.append(f"Since {self.began_at:%Y-%m-%d %H:%M} UTC.")
        if self.ended_at:
            lines[0] = f"It is over since {self.ended_at:%Y-%m-%d %H:%M} UTC. It was: {self.sentence}."
        return "\n".join([*lines, *([self.address] if self.address else [])])


def letter(message: Message, sender: str, recipients: str, moment: datetime) -> EmailMessage:
    """As an email."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, recipients, message.title
    made["Date"], made["Auto-Submitted"] = format_datetime(moment), "auto-generated"
    made["Message-ID"] = make_msgid("alert", sender.rpartition("@")[2].strip(" >") or "localhost")
    made.set_content(message.text)
    return made


def document(message: Message) -> dict[str, Any]:
    """As JSON for a webhook."""
    return {
        "event": f"alert.{message.event}",
        "id": message.id,
        "rule": message.rule,
        "subject": message.subject,
        "title": message.title,
        "sentence": message.sentence,
        "began_at": message.began_at.isoformat(),
        "ended_at": message.ended_at.isoformat() if message.ended_at else None,
        "url": message.address,
    }


def signature(secret: str, moment: int, body: bytes) -> str:
    """Proof that a webhook's body comes from us: `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>" in hex>`."""
    proof = hmac.digest(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hex()
    return f"t={moment},v1={proof}"
