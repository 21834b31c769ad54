"""From the bytes of a letter to its texts and what is attached. Pure; never fails but with a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.policy import EmailPolicy
from email.utils import parseaddr, parsedate_to_datetime
from typing import Any

from stonehand.sources.cleaning import one_line
from stonehand.sources.decoding import decode
from stonehand.sources.letters import guarding
from stonehand.sources.letters.errors import LetterBooby, LetterLocked, LetterUnreadable

LONGEST_FIELD = 4_000  # characters of a header that are looked at: Python's own reader takes long over long ones
MOST_PARTS = 200
DEEPEST = 12
LARGEST_TEXT = 2 * 1024 * 1024  # bytes of one text
LARGEST_ATTACHMENT = 8 * 1024 * 1024
MOST_ATTACHMENTS = 20
LOCKED = {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
QUIET = re.compile(  # what no reader reads: invitations, signatures, delivery reports, pictures
    r"text/(calendar|x-vcard|vcard|x-amp-html|rfc822-headers|css)|application/(ics|pgp-\S+|\S*pkcs7-signature|ms-tnef)"
    r"|message/(delivery-status|disposition-notification|external-body|partial)|image/.*"
)


class _Lenient(EmailPolicy):
    """The standard policy, but that a field which Python's reader fails on is a plain text."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:LONGEST_FIELD]

    def header_fetch_parse(self, name: str, value: str) -> Any:
        try:
            return super().header_fetch_parse(name, value)
        except Exception:  # it raises whatever comes
            return " ".join(value.split())


@dataclass(frozen=True)
class Attachment:
    """Something attached. `error` says why it was not taken."""

    name: str
    media_type: str
    body: bytes = b""
    charset: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Mail:
    """A letter that was opened. `unsubscribe` are addresses that must never be asked."""

    message_id: str | None = None
    sender: str = ""
    subject: str = ""
    sent_at: datetime | None = None
    html: str = ""
    plain: str = ""
    attachments: tuple[Attachment, ...] = ()
    unsubscribe: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


@dataclass
class _Parts:
    html: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read(raw: bytes) -> Mail:
    """Open a letter. Raises `LetterUnreadable`, `LetterBooby`, `LetterLocked`."""
    message = _opened(guarding.admit(raw))
    if message.get_content_type() == "multipart/report":
        raise LetterUnreadable(
            "this is the report of a mail server about another letter; there is nothing to read in it"
        )
    parts = _Parts()
    for part in _leaves(message):
        _sort_in(part, parts)
    return Mail(
        **_envelope(message),
        html="\n".join(parts.html),
        plain="\n\n".join(parts.plain),
        attachments=tuple(parts.attachments),
        unsubscribe=frozenset(re.findall(r"https?://[^\s<>,]+", _field(message, "List-Unsubscribe"))),
        notes=tuple(dict.fromkeys(parts.notes)),
    )


def envelope(raw: bytes) -> Mail:
    """Who wrote, when and about what, of a letter that may not be fit to be opened. Never fails."""
    try:
        return Mail(
            **_envelope(message_from_bytes(guarding.head(raw.lstrip())[: guarding.LONGEST_HEAD], policy=_Lenient()))
        )
    except Exception:  # whatever is wrong with it, reading it will say so
        return Mail()


def _opened(letter: bytes) -> Message:
    for rules in (_Lenient(), policy.compat32):
        with suppress(Exception):  # Python's reader raises many kinds of errors at broken letters
            return message_from_bytes(letter, policy=rules)
    raise LetterBooby("the letter is nested too deeply, or too broken to be opened")


def _envelope(message: Message) -> dict[str, Any]:
    name, address = "", ""
    with suppress(Exception):
        name, address = parseaddr(_field(message, "From")[:500])
    return {
        "message_id": one_line(_field(message, "Message-ID"), 500).replace(" ", "") or None,
        "sender": one_line(name or address, 200),
        "subject": one_line(_field(message, "Subject"), 500),
        "sent_at": _moment(_field(message, "Date")),
    }


def _field(message: Message, name: str) -> str:
    try:
        value = message[name]
        text = "" if value is None else str(value)
        return str(make_header(decode_header(text))) if "=?" in text else text.encode("utf-8", "replace").decode()
    except Exception:
        return ""


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if 1971 <= moment.year <= 2200 else None


def _leaves(message: Message) -> Iterator[Message]:
    """Every part that holds something, in the letter's order."""
    waiting, seen = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        if seen > MOST_PARTS or depth > DEEPEST:
            raise LetterBooby(f"the letter has more than {MOST_PARTS} parts, or parts nested more than {DEEPEST} deep")
        if part.get_content_type() in LOCKED:
            raise LetterLocked("the letter is encrypted; only its receiver can open it")
        inside = part.get_payload() if part.is_multipart() else None
        if isinstance(inside, list) and not QUIET.fullmatch(part.get_content_type()):
            waiting.extend((each, depth + 1) for each in reversed(inside) if isinstance(each, Message))
        else:
            yield part


def _sort_in(part: Message, parts: _Parts) -> None:
    media_type, name = part.get_content_type(), _name(part)
    attached = _says(part, "Content-Disposition").lower().startswith("attachment") or bool(name)
    if QUIET.fullmatch(media_type):
        if not media_type.startswith("image/"):
            parts.notes.append(f"{name or media_type} was left out: nobody reads it")
        return
    if media_type in ("text/html", "text/plain") and not attached:
        text = _text(part, parts.notes)
        (parts.html if media_type == "text/html" else parts.plain).append(text)
    elif attached or media_type == "application/pdf":
        _attach(part, name or "attachment", media_type, parts)


def _attach(part: Message, name: str, media_type: str, parts: _Parts) -> None:
    if len(parts.attachments) >= MOST_ATTACHMENTS:
        parts.notes.append(f"more than {MOST_ATTACHMENTS} things are attached; the rest was left out")
        return
    body = _bytes(part)
    error = None
    if len(body) > LARGEST_ATTACHMENT:
        error, body = f"it has {len(body):,} bytes, more than {LARGEST_ATTACHMENT:,}", b""
    parts.attachments.append(Attachment(name, media_type, body, _charset(part), error))


def _name(part: Message) -> str:
    try:
        return one_line((part.get_filename() or "").replace("\\", "/").rpartition("/")[2], 200)
    except Exception:
        return ""


def _says(part: Message, name: str) -> str:
    try:
        return str(part.get(name, ""))
    except Exception:
        return ""


def _bytes(part: Message) -> bytes:
    try:
        found = part.get_payload(decode=True)
    except Exception:
        return b""
    return found if isinstance(found, bytes) else b""


def _charset(part: Message) -> str | None:
    try:
        return part.get_content_charset()
    except Exception:
        return None


def _text(part: Message, notes: list[str]) -> str:
    body = _bytes(part)
    if len(body) > LARGEST_TEXT:
        notes.append(f"its text has {len(body):,} bytes; what is beyond {LARGEST_TEXT:,} was left out")
    return decode(body[:LARGEST_TEXT], _charset(part))
