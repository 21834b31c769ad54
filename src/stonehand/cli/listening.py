"""The door of the web process, opened before anything is loaded, so that a port that is taken is found at once."""

from __future__ import annotations

import errno
import socket

from stonehand.errors import Rejected


class DoorUnusable(Rejected):
    """Nobody can listen at this address."""


class PortTaken(DoorUnusable):
    """Another program listens there already."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose. Raises `PortTaken`, `DoorUnusable`."""
    door = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(128)
    except OSError as error:
        door.close()
        raise _reason(host, port, error) from error
    return door


def _reason(host: str, port: int, error: OSError) -> DoorUnusable:
    if error.errno == errno.EADDRINUSE:
        return PortTaken(f"port {port} of {host} is taken by another program; choose one with --port or STONEHAND_PORT")
    if isinstance(error, PermissionError):
        return DoorUnusable(f"port {port} needs rights that this user lacks; choose one above 1023")
    return DoorUnusable(f"cannot listen on {host}: {error.strerror}; choose another address with --host")
