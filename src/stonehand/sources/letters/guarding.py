"""Whether a letter may be opened at all: looked at as bytes, before anything is made of it. Pure."""

from __future__ import annotations

import re

from stonehand.sources.letters.errors import LetterBooby, LetterTooLarge, LetterUnreadable

LARGEST = 10 * 1024 * 1024  # bytes of one letter
MOST_LINES = 500_000  # a letter of 10 MB in base64 has 140,000
LONGEST_HEAD = 256 * 1024  # bytes of its header
MOST_HEADERS = 2_000
MOST_PARTS = 400  # lines that begin a part
MOST_BOUNDARIES = 40  # so many parts can be nested
_BOUNDARY = re.compile(rb'boundary(?:\*\d{0,3}\*?)?\s{0,8}=\s{0,8}"?([^"\r\n;\s]{1,200})', re.IGNORECASE)
_FIELD = re.compile(rb"^[!-9;-~]{1,200}[ \t]*:", re.MULTILINE)
_GAP = re.compile(rb"\r?\n[ \t]*\r?\n")


def admit(raw: bytes) -> bytes:
    """The letter without what mail folders put before it. Raises `LetterUnreadable` with what is wrong."""
    if len(raw) > LARGEST:
        raise LetterTooLarge(f"the letter has {len(raw):,} bytes, more than {LARGEST:,}")
    letter = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t")
    if letter.startswith(b"From "):  # an mbox file's own line
        letter = letter.partition(b"\n")[2]
    if letter.count(b"\n") + letter.count(b"\r") > 2 * MOST_LINES:
        raise LetterBooby(f"the letter has more than {MOST_LINES:,} lines; it is none that a person wrote")
    _check_head(head(letter))
    _check_parts(letter)
    return letter


def head(letter: bytes) -> bytes:
    """Its header, up to the first empty line."""
    gap = _GAP.search(letter)
    return letter[: gap.start() + 1] if gap else letter[: LONGEST_HEAD + 1]


def body(letter: bytes) -> bytes:
    """What follows its header."""
    gap = _GAP.search(letter)
    return letter[gap.end() :] if gap else b""


def _check_head(header: bytes) -> None:
    if len(header) > LONGEST_HEAD:
        raise LetterBooby(
            f"the letter's header is longer than {LONGEST_HEAD // 1024} kB; it is none that mail servers write"
        )
    fields = sum(1 for _ in _FIELD.finditer(header))
    if fields > MOST_HEADERS:
        raise LetterBooby(f"the letter's header has {fields:,} lines, more than {MOST_HEADERS:,}")
    if not re.search(rb"^(from|subject|date|message-id|mime-version|received|to)[ \t]*:", header, re.I | re.M):
        raise LetterUnreadable("this is no letter: it begins with none of From, To, Subject, Date; save it as .eml")


def _check_parts(letter: bytes) -> None:
    """Every part costs memory when a letter is opened; so they are counted first, by the lines that begin them."""
    boundaries = {match[1] for match in _BOUNDARY.finditer(letter)}
    if len(boundaries) > MOST_BOUNDARIES:
        raise LetterBooby(f"the letter nests parts in parts {len(boundaries):,} times, more than {MOST_BOUNDARIES}")
    begun = max((letter.count(b"\n--" + each) for each in boundaries), default=0)
    if begun > MOST_PARTS or letter.count(b"\n--") > 20 * MOST_PARTS:
        raise LetterBooby(f"the letter has more than {MOST_PARTS} parts")
