"""E-mail addresses as names of accounts."""

from __future__ import annotations

import re
import unicodedata

from stonehand.accounts.errors import EmailMalformed

LONGEST = 254  # RFC 5321, 4.5.3.1.3, less the angle brackets
_LOOKS = re.compile(r"[^@\s\x00-\x1f<>\"]+@[^@\s\x00-\x1f<>\"]+")


def fold(email: str) -> str:
    """The form in which addresses are compared: capitals and ways of writing an accent do not matter."""
    return unicodedata.normalize("NFKC", email).strip().casefold()


def check(email: str) -> str:
    """The folded address. Raises `EmailMalformed` if it cannot be one."""
    folded = fold(email)
    if len(folded) > LONGEST or not _LOOKS.fullmatch(folded):
        raise EmailMalformed("this is not an e-mail address; write one like name@example.org")
    return folded
