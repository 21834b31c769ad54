"""What makes two dead letters alike: their task, the kind of their error, and its words without what varies. Pure."""

from __future__ import annotations

import hashlib
import re

LONGEST = 300  # characters of an error that tell it from others
_VARIES = (
    (re.compile(r"""\w[\w+.-]*://[^\s"'<>),;]+"""), "<url>"),
    (re.compile(r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"“[^”]*”|‘[^’]*’|«[^»]*»|\"[^\"]*\"|`[^`]*`|(?<!\w)'[^']*'(?!\w)"), "<text>"),
    (re.compile(r"(?<![\w.])(?:/[\w.@+-]+){2,}/?"), "<path>"),
    (re.compile(r"\b(?=[a-z]*\d)(?=\d*[a-f])[0-9a-f]{8,}\b|\b0x[0-9a-f]+\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\d+(?:[.,:\u2009]\d+)*"), "<n>"),
    (re.compile(r"\s+"), " "),
)


def normalised(message: str) -> str:
    """The message with addresses, ids, quoted words, paths and numbers replaced by what they are."""
    for pattern, word in _VARIES:
        message = pattern.sub(word, message)
    return message.strip()[:LONGEST]


def fingerprint(task: str, kind: str | None, message: str | None) -> str:
    """32 characters, the same for dead letters that died of the same."""
    text = "\n".join((task, kind or "", normalised(message or "")))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
