"""What listmonk says of a campaign and what it is told, as values. Pure.

listmonk runs a campaign's text and subject as templates. So no pair of braces of a piece reaches it as such: a source
could otherwise read subscribers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from stonehand.channels import heads
from stonehand.channels.interfaces import Piece
from stonehand.plugins.folder_pages import as_html, clean
from stonehand.plugins.json_service import AnswerOdd

OURS = "stonehand"
HEADER = "X-Stonehand-Provenance"
_LONGEST = 200  # characters of a subject; listmonk takes 500 bytes of a name
_SAMPLE = "<p><strong>Sample: this text and its sources are invented.</strong></p>\n"
_TRACKED = re.compile(r"@TrackLink", re.IGNORECASE)


@dataclass(frozen=True)
class Campaign:
    """A campaign as listmonk sees it. `sent` of `to_send` mails are out."""

    id: int
    uuid: str
    status: str
    keys: tuple[str, ...]
    sent: int
    to_send: int
    changed_at: datetime


def campaign(said: Any) -> Campaign:
    """A campaign from an answer. Raises `AnswerOdd`."""
    try:
        tags = [str(tag) for tag in said.get("tags") or ()]
        keys = tuple(tag.removeprefix(f"{OURS}-") for tag in tags if tag.startswith(f"{OURS}-"))
        counts = int(said.get("sent") or 0), int(said.get("to_send") or 0)
        changed_at = _moment(str(said["updated_at"] or said["created_at"]))
        return Campaign(int(said["id"]), str(said["uuid"]), str(said["status"]), keys, *counts, changed_at)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnswerOdd("listmonk answered, but not with a campaign; is something in its way?") from error


def _moment(text: str) -> datetime:
    """Go writes up to nine digits after the point, and Python reads six."""
    found = datetime.fromisoformat(re.sub(r"(\.[0-9]{1,6})[0-9]*", r"\1", text))
    if found.tzinfo is None:
        raise ValueError("a time without a zone")
    return found


def draft(piece: Piece, key: str, wish: Mapping[str, Any], lists: Sequence[int]) -> dict[str, Any]:
    """What to make: a draft, which is sent to nobody. Its key is in a tag, and in its name for people."""
    title = _line(piece.title)
    made: dict[str, Any] = {
        "name": f"{title} ({key})",
        "subject": title,
        "lists": list(lists),
        "type": "regular",
        "content_type": "html",
        "messenger": "email",
        "body": body(piece),
        "altbody": plain(piece),
        "tags": [OURS, f"{OURS}-{key}"],
        "headers": [{HEADER: header(piece)}],
        "archive": wish.get("archive") == "yes",
    }
    if wish.get("template_id"):
        made["template_id"] = int(str(wish["template_id"]))
    if wish.get("from_email"):
        made["from_email"] = str(wish["from_email"])
    return made


def body(piece: Piece) -> str:
    """The text with its label. As a character reference, a brace starts no template."""
    label = f"<p><em>{escape(clean(piece.label))}</em></p>\n"
    made = f"{label}{_SAMPLE if piece.is_sample else ''}{as_html(piece.markdown)}"
    return _TRACKED.sub("@ TrackLink", made).replace("{", "&#123;").replace("}", "&#125;")


def plain(piece: Piece) -> str:
    """The same for who reads mail as text."""
    sources = "\n".join(f"[{each.number}] {each.url}" for each in piece.references if heads.is_web(each.url))
    parts = (piece.label, piece.title, piece.excerpt, sources)
    return "\n\n".join(_unbraced(clean(part)) for part in parts if part)


def header(piece: Piece) -> str:
    """How it was written, as a mail header: words of ours and an address of schema.org."""
    kind = piece.generator.partition(":")[0]
    return "; ".join(part for part in (f"generator={_line(kind)}", piece.digital_source) if part)


def _line(text: str) -> str:
    whole = " ".join(_unbraced(clean(text)).split())
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1].rstrip()}…"


def _unbraced(text: str) -> str:
    """The text with its braces apart, so that no two of them make a template."""
    return _TRACKED.sub("@ TrackLink", text).replace("{", "{ ").replace("}", " }")
