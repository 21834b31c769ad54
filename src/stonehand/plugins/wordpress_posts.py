"""What WordPress says of a post and what it is told, as values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import Any

from stonehand.channels.interfaces import Piece
from stonehand.plugins.folder_pages import as_html, clean
from stonehand.plugins.json_service import AnswerOdd

MARK = "stonehand-key:"
FIELDS = "id,status,slug,link,content,modified_gmt"
_MARKED = re.compile(rf"<!-- {MARK}([a-z0-9]{{8,64}}) -->")
_SAMPLE = "<p><strong>Sample: this text and its sources are invented.</strong></p>\n"


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


def named(piece: Piece) -> dict[str, str]:
    """What names a post: title, excerpt, and the last part of its address."""
    return {"title": clean(piece.title), "slug": piece.slug, "excerpt": clean(piece.excerpt)}


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
    sample = _SAMPLE if piece.is_sample else ""
    return f"{_label(piece)}{sample}{as_html(piece.markdown)}\n<!-- {MARK}{key} -->"


def _label(piece: Piece) -> str:
    """For people, and for programs in attributes that WordPress lets every author set."""
    made = f'data-generator="{escape(clean(piece.generator))}" data-digital-source-type="{piece.digital_source}"'
    return f'<p class="stonehand-label" {made}><em>{escape(clean(piece.label))}</em></p>\n'
