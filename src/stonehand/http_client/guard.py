"""Which addresses may be reached. A link comes from a stranger; our own network is not theirs to walk in.

`ipaddress.is_global` is not enough: on Python 3.11 it passes 192.0.0.192, 192.88.99.1, 2002:7f00:1::, 64:ff9b::7f00:1
and fec0::1. So here are the networks of the IANA special-purpose registries, and every IPv4 address that an IPv6
address carries inside is judged too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from stonehand import config
from stonehand.http_client.errors import AddressForbidden

Address = IPv4Address | IPv6Address
Check = Callable[[str, int], bool]

FORBIDDEN_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # a cloud's own agent, on a public address
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
PUBLIC_V6 = IPv6Network("2000::/3")
FORBIDDEN_V6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "3ffe::/16", "3fff::/20"))
NAT64 = IPv6Network("64:ff9b::/96")
ISATAP = (0x00005EFE, 0x02005EFE)  # the third quarter of such an address, RFC 5214

_trusted: list[Check] = []
_allowed: set[tuple[str, int]] = set()


def trust(check: Check) -> None:
    """Let `check(ip, port)` open addresses that are closed otherwise, in this process; never the metadata networks."""
    if check not in _trusted:
        _trusted.append(check)


def allow_address(host: str, port: int) -> None:
    """Open one port of one literal address, such as `127.0.0.1`, in this process."""
    _allowed.add((str(ip_address(host)), port))


def permitted(host: str, port: int) -> bool:
    """May a connection go to this literal address? A text that is not an address may not."""
    try:
        address = ip_address(host.partition("%")[0].strip("[]"))
    except ValueError:
        return False
    faces = _faces(address)
    if any(_inside(face, config.NEVER_ALLOWED) for face in faces):
        return False
    allowed = config.settings().allow_networks
    if all(_public(face) or _inside(face, allowed) for face in faces):
        return True
    plain = str(faces[0])
    return (plain, port) in _allowed or any(check(plain, port) for check in _trusted)


def only_permitted(addresses: Iterable[str], host: str, port: int) -> list[str]:
    """The addresses of `host` that may be reached. Raises `AddressForbidden` if none may."""
    addresses = list(addresses)
    found = [address for address in addresses if permitted(address, port)]
    if not found:
        raise AddressForbidden(_refusal(addresses, host), host)
    return found


def _refusal(addresses: Iterable[str], host: str) -> str:
    """Why, and what mends it: cloud metadata is opened by nobody, so nobody is told how."""
    faces = [face for address in addresses for face in _faces(ip_address(address.partition("%")[0].strip("[]")))]
    if any(_inside(face, config.NEVER_ALLOWED) for face in faces):
        return f"{host} is where clouds keep secrets of their machines (metadata), which is never reached"
    return (
        f"{host} is inside a private or reserved network, which links must not reach; "
        f"an operator can open a network with {config.PREFIX}ALLOW_NETWORKS"
    )


def _faces(address: Address) -> list[Address]:
    """The address and every IPv4 address that it would be turned into on its way."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    faces: list[Address] = [address]
    if address.sixtofour:
        faces.append(address.sixtofour)
    if address.teredo:
        faces.extend(address.teredo)
    number = int(address)
    if address in NAT64 or (number >> 32) & 0xFFFFFFFF in ISATAP:
        faces.append(IPv4Address(number & 0xFFFFFFFF))
    return faces


def _public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not _inside(address, FORBIDDEN_V4)
    return address in NAT64 or (address in PUBLIC_V6 and not _inside(address, FORBIDDEN_V6))


def _inside(address: Address, networks: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in networks)
