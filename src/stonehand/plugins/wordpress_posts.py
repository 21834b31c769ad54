"""What WordPress says of a post and what it is told, as values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from stonehand.channels.interfaces import ConfigUnfit, Piece
from stonehand.errors import Unavailable
from stonehand.plugins.folder_pages import as_html, clean

MARK = "stonehand-key:"
FIELDS = "id,status,slug,link,content,modified_gmt"
_MARKED = re.compile(rf"<!-- {MARK}([a-z0-9]{{8,64}}) -->")
_SAMPLE = "<p><strong>Sample: this text and its sources are invented.</strong></p>\n"


class AnswerOdd(Unavailable):
    """An answer that is not WordPress's: a login page, a maintenance page, half a page."""


@dataclass(frozen=True)
class Post:
    """A post as its site sees it. `key` is the one in its text, empty if it carries none."""

    id: int
    status: str
    link: str
    key: str
    changed_at: datetime


def post(said: Any) -> Post:
    """A post from an answer. Raises `AnswerOdd`."""
    try:
        text = str(said["content"]["raw"])
        marked = _MARKED.search(text)
        changed = datetime.fromisoformat(said["modified_gmt"])
        at = changed.replace(tzinfo=UTC) if changed.tzinfo is None else changed
        return Post(int(said["id"]), str(said["status"]), str(said["link"]), marked[1] if marked else "", at)
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerOdd("WordPress answered, but not with a post; is another plugin in its way?") from error


def draft(piece: Piece, key: str) -> Mapping[str, Any]:
    """What to make, hidden: its slug is the key until it is published."""
    return {
        "status": "draft",
        "slug": key,
        "title": clean(piece.title),
        "excerpt": clean(piece.excerpt),
        "content": content(piece, key),
    }


def change(piece: Piece, key: str) -> Mapping[str, Any]:
    """What a post becomes when its text is replaced; its address stays."""
    return {"title": clean(piece.title), "excerpt": clean(piece.excerpt), "content": content(piece, key)}


def taken_back(key: str, reason: str) -> str:
    """What a hidden post holds after it was taken back: for whoever opens it at the site."""
    return f"<p>{escape(clean(reason))}</p>\n<!-- {MARK}{key} -->"


def content(piece: Piece, key: str) -> str:
    """The text with its label, and with the key in a remark that readers do not see."""
    label = f'<p class="stonehand-label"><em>{escape(clean(piece.label))}</em></p>\n'
    return f"{label}{_SAMPLE if piece.is_sample else ''}{as_html(piece.markdown)}\n<!-- {MARK}{key} -->"


def checked_address(given: str) -> str:
    """The site's address as it is kept. A password goes unsealed only within the own network."""
    try:
        parts = urlsplit(given if "://" in given else f"https://{given}")
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment:
        raise ConfigUnfit("url must be the address of the site, such as https://blog.example.org")
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise ConfigUnfit("the password would travel in the open; use the https address of the site")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"
