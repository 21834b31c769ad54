"""Addresses that the operator named: they may be on this machine or the intranet, while they are asked and only then.

A link from a stranger to the same address stays closed outside of a call. Cloud metadata is never reached.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from stonehand.http_client import guard
from stonehand.http_client.errors import HostUnavailable

_calls: Counter[tuple[str, int]] = Counter()
_lock = threading.Lock()


def _is_called(ip: str, port: int) -> bool:
    return _calls[ip, port] > 0


@contextmanager
def reachable(host: str, port: int) -> Iterator[None]:
    """While it lasts, let connections reach this host and port. Raises `HostUnavailable` if it cannot be found.

    For a URL, ask not to keep the connection: a kept one would stay open to strangers' links afterwards.
    """
    addresses = _addresses(host, port)
    guard.trust(_is_called)
    with _lock:
        _calls.update(addresses)
    try:
        yield
    finally:
        with _lock:
            _calls.subtract(addresses)


@contextmanager
def url_reachable(url: str) -> Iterator[None]:
    """The same for the host of a URL."""
    parts = urlsplit(url)
    with reachable(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)):
        yield


def _addresses(host: str, port: int) -> set[tuple[str, int]]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnavailable(f"{host} cannot be found: {error}") from error
    return {(str(address[0]), port) for *_, address in found}
