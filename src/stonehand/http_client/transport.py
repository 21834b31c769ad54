"""Where a connection is made: the name is resolved once, every address is checked, and a checked one is connected.

What is asked for above (redirects, a name that changes its mind) passes through here. TLS and `Host` keep the name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

import httpcore2
import httpx2

from stonehand.http_client import guard
from stonehand.http_client.streams import Stream

CONNECT_TIMEOUT = 10.0  # seconds, for the name and for all addresses together
KEEP_IDLE = 4.0  # seconds; common servers hang up after 5
ADDRESSES_TRIED = 4

Resolve = Callable[[str, int], Awaitable[list[str]]]
_resolvers = ThreadPoolExecutor(16, thread_name_prefix="resolve")


async def resolve(host: str, port: int) -> list[str]:
    """Every address of `host`, as the system orders them. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_resolvers, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects only to permitted addresses, whatever name led to them."""

    def __init__(self, resolver: Resolve = resolve, network: httpcore2.AsyncNetworkBackend | None = None) -> None:
        self._resolve = resolver
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            async with asyncio.timeout(timeout):
                addresses = guard.only_permitted(await self._addresses(host, port), host, port)
                return Stream(await self._first(addresses[:ADDRESSES_TRIED], port, timeout, socket_options))
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"no connection within {timeout} s") from error
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(error) from error

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise httpcore2.ConnectError("sockets in the file system are never connected")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            return [str(ip_address(host.strip("[]")))]
        except ValueError:
            return await self._resolve(host, port)

    async def _first(
        self,
        addresses: list[str],
        port: int,
        timeout: float | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None,
    ) -> httpcore2.AsyncNetworkStream:
        share = timeout and timeout / len(addresses)
        for address in addresses[:-1]:
            try:
                return await self._network.connect_tcp(address, port, share, None, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._network.connect_tcp(addresses[-1], port, share, None, socket_options)


def pool(
    backend: httpcore2.AsyncNetworkBackend | None = None, trusted: ssl.SSLContext | None = None
) -> httpcore2.AsyncConnectionPool:
    """A pool of guarded connections. It reads no environment: no proxy, no certificate store but the system's."""
    return httpcore2.AsyncConnectionPool(
        ssl_context=trusted or httpx2.create_ssl_context(trust_env=False),
        max_connections=400,  # no bound of its own: who asks says how many at once
        max_keepalive_connections=50,
        keepalive_expiry=KEEP_IDLE,
        network_backend=backend or GuardedBackend(),
    )
