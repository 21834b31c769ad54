"""Addresses as text: which ones can be asked, and how they may be shown."""

from __future__ import annotations

import httpx2

from stonehand.http_client.errors import UrlMalformed

LONGEST = 8000  # characters


def parse(text: str) -> httpx2.URL:
    """The address, without its fragment. Raises `UrlMalformed`."""
    try:
        url = httpx2.URL(text.strip())
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise UrlMalformed(f"{shown(text)} is not an address: {error}") from error
    if url.scheme not in {"http", "https"}:
        raise UrlMalformed(f"{shown(text)} does not start with http:// or https://")
    if not url.host or "%" in url.host or (url.port is not None and not 0 < url.port < 65536) or len(text) > LONGEST:
        raise UrlMalformed(f"{shown(text)} has no usable host or port, or is too long")
    if "@" in text.partition("://")[2].partition("/")[0].partition("?")[0].partition("#")[0]:
        raise UrlMalformed(f"the address of {url.host} holds a user name or password; keep those in the vault instead")
    return url.copy_with(fragment=None)


def origin(url: httpx2.URL) -> tuple[str, str, int]:
    """Scheme, host and port: who would get to see a secret."""
    return url.scheme, url.host, url.port or (443 if url.scheme == "https" else 80)


def shown(url: str) -> str:
    """The address without what could be a secret in it."""
    before, mark, _ = url.partition("?")
    scheme, slashes, rest = before.partition("://")
    head, at, tail = rest.rpartition("@")
    return f"{scheme}{slashes}{tail if at else head + rest}{mark and '?...'}"[:300]
