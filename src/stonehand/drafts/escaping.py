"""Plain words to Markdown that shows exactly these words, and back."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|!#{}]")
_OPENING = re.compile(r"^([-+=]|\d{1,9}[.)](?=\s|$))")  # a list, a rule (---), a heading's underline (===)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def escape(text: str) -> str:
    """Markdown that shows `text` on one line: no markup, link, image, HTML or entity in it takes effect."""
    line = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    return _OPENING.sub(lambda found: found[1][:-1] + "\\" + found[1][-1], line)


def plain(markdown: str) -> str:
    """The words that a sentence of Markdown shows, on one line. The inverse of `escape`."""
    return _ESCAPED.sub(r"\1", " ".join(markdown.split()))
