"""Whether a text that is shown says how it was written. Pure; the gate and the contract of channel kinds use it."""

from __future__ import annotations

import html
import json
import re

_TAGS = re.compile(r"<[^>]*>")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def has_label(shown: str, label: str) -> bool:
    """Whether the label stands in what is shown: HTML, Markdown, JSON or plain words, however it is escaped there."""
    wanted = _folded(label)
    return bool(wanted) and any(wanted in _folded(form) for form in _forms(shown))


def _forms(shown: str) -> tuple[str, ...]:
    plain = html.unescape(_TAGS.sub(" ", shown))
    return shown, plain, _ESCAPED.sub(r"\1", plain), _from_json(shown)


def _from_json(shown: str) -> str:
    """JSON with its escapes undone; empty if it is none."""
    try:
        return json.dumps(json.loads(shown), ensure_ascii=False).replace('\\"', '"')
    except ValueError:
        return ""


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
