"""Passwords: which are fit, and how they are kept (argon2id, the defaults of RFC 9106 for little memory)."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from stonehand.accounts.errors import PasswordUnfit

SHORTEST, LONGEST = 10, 200
_hasher = PasswordHasher()
_slots = threading.BoundedSemaphore(2)  # each digest takes 64 MiB; a crowd at the door must not take all memory


def check(password: str, email: str) -> None:
    """Raise `PasswordUnfit` if `password` is too short, too long or no secret."""
    if len(password) < SHORTEST:
        raise PasswordUnfit(f"the password needs at least {SHORTEST} characters; a few words make a good one")
    if len(password) > LONGEST:
        raise PasswordUnfit(f"the password has more than {LONGEST} characters; choose a shorter one")
    if password.strip().casefold() == email.strip().casefold():
        raise PasswordUnfit("the password is the e-mail address; choose one that nobody can guess")
    if len(set(password)) < 4:
        raise PasswordUnfit("the password repeats the same few characters; choose one that nobody can guess")


def digest(password: str) -> str:
    """The argon2id hash of `password`, with its parameters and salt. Takes over 50 ms: never inside a transaction."""
    with _slots:
        return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Whether `password` is the one kept. Without a kept one it is no, after the same time."""
    if len(password) > LONGEST:
        return False
    with _slots:
        try:
            return _hasher.verify(kept or _nobody(), password) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobody() -> str:
    return _hasher.hash("a password that nobody has")
