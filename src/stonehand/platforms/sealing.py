"""Passwords and cookies of logins, sealed for the login and the host they may go to."""

from __future__ import annotations

import json
from collections.abc import Sequence

from stonehand import log, vault
from stonehand.limits import pacing
from stonehand.platforms.interfaces import Cookie


def password(text: str, login_id: str, base_url: str) -> str:
    """A password, sealed."""
    return vault.seal(text, _context("login", login_id, base_url))


def opened_password(sealed: str, login_id: str, base_url: str) -> str:
    """Only a job that signs in asks for it. Raises `SecretUnreadable`."""
    return vault.open_sealed(sealed, _context("login", login_id, base_url))


def jar(cookies: Sequence[Cookie], login_id: str, base_url: str) -> str:
    """Cookies, sealed."""
    _hide(cookies)
    rows = [[each.name, each.value, each.path, each.expires] for each in cookies]
    return vault.seal(json.dumps(rows), _context("session", login_id, base_url))


def opened_jar(sealed: str, login_id: str, base_url: str) -> list[Cookie]:
    """The cookies of a session. Raises `SecretUnreadable`."""
    cookies = [Cookie(*row) for row in json.loads(vault.open_sealed(sealed, _context("session", login_id, base_url)))]
    _hide(cookies)
    return cookies


def _hide(cookies: Sequence[Cookie]) -> None:
    for each in cookies:
        if len(each.value) >= 8:  # shorter ones are no secrets, and common words would be blotted out everywhere
            log.hide(each.value)


def _context(sort: str, login_id: str, base_url: str) -> str:
    return f"platform-{sort}:{login_id}:{pacing.host_of(base_url)}"
