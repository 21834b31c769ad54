"""Bytes to text, whatever they claim to be encoded in."""

from __future__ import annotations

import codecs
import re

_DECLARED = re.compile(rb"""<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Encodings that Python knows and no honest feed uses: they hide text from a guard, or are slow to undo.
_REFUSED = {"utf-7", "punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
# What senders say, and what they mean (WHATWG Encoding Standard).
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}


def _codec(name: str | None) -> str | None:
    try:
        known = codecs.lookup(name or "")
    except (LookupError, ValueError):
        return None
    if known.name in _REFUSED or not getattr(known, "_is_text_encoding", True):
        return None
    return _MEANT.get(known.name, known.name)


def _from_marks(body: bytes) -> tuple[bytes, str] | None:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :], name
    if body[:2] == b"<\x00":
        return body, "utf-16-le"
    if body[:2] == b"\x00<":
        return body, "utf-16-be"
    return None


def _claims(body: bytes, charset: str | None) -> list[str]:
    head = body[:2048]
    matches = (_DECLARED.match(head.lstrip()), _META.search(head))
    written = [match.group(1).decode("ascii", "replace") for match in matches if match]
    return [codec for name in (charset, *written) if (codec := _codec(name))]


def decode(body: bytes, charset: str | None = None) -> str:
    """The text of `body`; `charset` is what the HTTP header claimed. Never fails.

    A byte order mark wins. Else UTF-8 if it fits, since text in another encoding hardly ever does by chance; else
    the first claim (header, XML declaration, meta tag) that fits; else Windows-1252 with marks for what it lacks.
    """
    if marked := _from_marks(body):
        return marked[0].decode(marked[1], "replace")
    claims = _claims(body, charset)
    escaped = [claim for claim in claims if claim.startswith(("iso2022", "hz"))]  # these are valid UTF-8 as well
    for claim in (*escaped, "utf-8", *claims):
        try:
            return body.decode(claim)
        except UnicodeError:
            continue
    return body.decode("cp1252", "replace")
