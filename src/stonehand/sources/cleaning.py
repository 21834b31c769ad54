"""Strangers' text, made fit to be stored and shown on a line."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"</?[A-Za-z!][^<>]*>")
_UNSTORABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def storable(text: str) -> str:
    """The text without control characters and half characters, which XML and databases refuse."""
    return _UNSTORABLE.sub("", text)


def one_line(text: str | None, longest: int) -> str:
    """Plain text on one line, of at most `longest` characters: no tags, no entities, no double blanks."""
    bare = _TAG.sub(" ", (text or "")[: longest * 20])
    words = " ".join(storable(html.unescape(bare)).split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def or_none(text: str | None, longest: int) -> str | None:
    """Storable text of at most `longest` characters, or None if nothing is left of it."""
    tidy = storable((text or "")[:longest]).strip()
    return tidy or None
