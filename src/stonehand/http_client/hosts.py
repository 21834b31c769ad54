"""Hosts that are checked before anybody connects: those of another program, such as git, and those of a list."""

from __future__ import annotations

import socket
from collections.abc import Collection
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from ipaddress import ip_address

from stonehand import stopwatch
from stonehand.http_client import guard, urls
from stonehand.http_client.errors import AddressForbidden, HostUnavailable, UrlMalformed

AT_ONCE = 32  # names that are looked up
LONGEST = 5.0  # seconds, for all names of a list together


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


def check_literal(address: str) -> None:
    """Refuse an address that names a closed one by number. What has a name is judged each time it is asked.

    Raises `AddressForbidden`, `UrlMalformed`.
    """
    _, host, port = urls.origin(urls.parse(address))
    with suppress(ValueError):
        guard.only_permitted([str(ip_address(host))], host, port)


def refusals(addresses: Collection[str]) -> dict[str, str]:
    """Which of these addresses must not be asked, and why.

    One whose name cannot be found now, or not in a few seconds, is not judged: the guard sees it when it is asked.
    """
    said: dict[str, str] = {}
    places: dict[tuple[str, int], list[str]] = {}
    for address in addresses:
        try:
            _, host, port = urls.origin(urls.parse(address))
        except UrlMalformed as error:
            said[address] = str(error)
        else:
            places.setdefault((host, port), []).append(address)
    reasons = _forbidden(places)
    return said | {address: reasons[place] for place in reasons for address in places[place]}


def _forbidden(places: Collection[tuple[str, int]]) -> dict[tuple[str, int], str]:
    pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="look-up")
    asked: dict[tuple[str, int], Future[str]] = {place: pool.submit(checked, *place) for place in places}
    wait(asked.values(), LONGEST)
    pool.shutdown(wait=False, cancel_futures=True)
    failed = {place: each.exception() for place, each in asked.items() if each.done() and not each.cancelled()}
    return {place: str(error) for place, error in failed.items() if isinstance(error, AddressForbidden)}
