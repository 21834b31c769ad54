"""Secrets that are shown once: how they look, and what is kept of them."""

from __future__ import annotations

import hashlib
from secrets import token_urlsafe

PREFIX = "shd_"
SHOWN = len(PREFIX) + 6


def new() -> str:
    """A fresh secret of 256 random bits. The prefix lets logs mask it and scanners find a leaked one."""
    return PREFIX + token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hex. A salt would add nothing to 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def beginning(secret: str) -> str:
    """Enough of a secret to know it again, and too little to use it."""
    return secret[:SHOWN]
