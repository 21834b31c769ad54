"""From bytes to text, when the declared charset may lie."""

from __future__ import annotations

import codecs
import re

DECLARED = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
WEB_NAMES = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}
BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
LETTERS = {  # of the languages that are written in each; a statistical guess takes French for Baltic
    "cp1252": frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüœß"),
    "cp1250": frozenset("áäąăâćčďđéęěíîłľńňóôöőřŕśšşťţúůüűýźžż"),
    "cp1254": frozenset("âçğîıöşûü"),
    "cp1257": frozenset("āąčēęėģīįķļņōõöšūųüžżźäåéó"),
}
MARKS = frozenset("‘’“”„–—…«»€•°§©®·\xa0")  # at the same place in all of these
FITTING = 0.75
BEYOND = re.compile(r"[^\W\d_]*[^\W\d_\x00-\x7f][^\W\d_]+|[^\W\d_]+[^\W\d_\x00-\x7f]")  # words of two letters and more
SAMPLE = 5000  # bytes at each end that are looked at to guess


def decode(body: bytes, charset: str | None = None) -> str:
    """The text of `body`: what the bytes say is believed first, then `charset` (the HTTP header), then `<meta>`."""
    for mark, name in BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    declared = [name for name in (_known(charset), _known(_in_meta(body))) if name]
    if "iso2022_jp" in declared and b"\x1b$" in body:  # valid as UTF-8 by accident: it is seven bits wide
        return body.decode("iso2022_jp", "replace")
    return _as_utf8(body) or _as_declared(body, declared) or _as_guessed(body)


def _as_utf8(body: bytes) -> str | None:
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if not broken:
        return text
    wide = len(body) - len(body.decode("ascii", "ignore"))  # bytes that are not ASCII
    return text if broken * 20 < wide else None


def _as_declared(body: bytes, declared: list[str]) -> str | None:
    for name in declared:
        try:
            text = body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
        if name != "cp1252" or _plausible_latin(text):
            return text
    return None


def _plausible_latin(text: str) -> bool:
    letters = [character for character in text[: 4 * SAMPLE] if character.isalpha()]
    return sum(character > "\x7f" for character in letters) <= 0.25 * len(letters)


def _as_guessed(body: bytes) -> str:
    wide = next((at for at, byte in enumerate(body) if byte > 0x7F), 0)
    start = max(0, wide - SAMPLE // 2)
    sample = body[start : start + 2 * SAMPLE]
    likely = max(LETTERS, key=lambda name: _fit(sample, name))
    if _is_latin(sample) and _fit(sample, likely) > FITTING:
        return body.decode(likely, "replace")
    from charset_normalizer import from_bytes  # noqa: PLC0415  few pages need it

    best = from_bytes(sample).best()
    return body.decode(best.encoding if best else "cp1252", "replace")


def _is_latin(sample: bytes) -> bool:
    """In Latin script, letters beyond ASCII stand among letters of ASCII; elsewhere whole words are beyond it."""
    found = BEYOND.findall(sample.decode("cp1252", "replace"))
    return 2 * sum(any(letter.isascii() for letter in word) for word in found) > len(found)


def _fit(sample: bytes, name: str) -> float:
    """The share of what is beyond ASCII that would be usual letters; of equal ones the first of `LETTERS` wins."""
    text = sample.decode(name, "replace").lower()
    beyond = [letter for letter in text if not letter.isascii() and letter not in MARKS]
    return sum(letter in LETTERS[name] for letter in beyond) / max(1, len(beyond))


def _in_meta(body: bytes) -> str | None:
    found = DECLARED.search(body, 0, 4096)
    return found[1].decode("ascii", "ignore") if found else None


def _known(name: str | None) -> str | None:
    if not name:
        return None
    try:
        found = codecs.lookup(name.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    return WEB_NAMES.get(found.name, found.name) if getattr(found, "_is_text_encoding", True) else None
