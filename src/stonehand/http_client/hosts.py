"""Hosts that another program of this machine connects to for us, such as git: checked like that of any link."""

from __future__ import annotations

import socket

from stonehand import stopwatch
from stonehand.http_client import guard
from stonehand.http_client.errors import HostUnavailable


def checked(host: str, port: int) -> str:
    """An address of this host that may be reached; connect to it and to no other one, however the name is read later.

    Raises `AddressForbidden`, `HostUnavailable`.
    """
    stopwatch.assert_no_transaction(f"looking up {host}")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise HostUnavailable(f"{host} cannot be found: {error}") from error
    return guard.only_permitted(dict.fromkeys(str(address[0]) for *_, address in found), host, port)[0]
