"""What can go wrong on the way out.

Rejected
├── UrlMalformed      not an http or https address we can ask
├── AddressForbidden  the host is inside a network that strangers' links must not reach
├── RedirectLoop      sent on more than five times
├── BodyTooLarge      more bytes than asked for, raw or unpacked
├── BodyUndecodable   the packing is unknown or broken
└── RequestRefused    the server answered 4xx; `code` and `body` say what it said
    ├── AccessDenied    401, 403, 451
    └── PageMissing     404, 410
Unavailable
├── HostUnavailable   no answer, no trust in its certificate, too slow, 5xx, or 408, 425, 429
├── StillSilent       slower than what was asked beside it; given up before its time
└── NotYet
    └── NoRoom        what was asked beside it is large already; it is read later
"""

from __future__ import annotations

from stonehand.errors import Rejected, Unavailable
from stonehand.limits.errors import NotYet


class UrlMalformed(Rejected):
    """Not an address that can be asked."""


class AddressForbidden(Rejected):
    """The `host` is inside a network that must not be reached from a link."""

    def __init__(self, message: str, host: str = "") -> None:
        super().__init__(message)
        self.host = host


class RedirectLoop(Rejected):
    """Sent from one address to the next too often."""


class BodyTooLarge(Rejected):
    """More bytes than were asked for, as sent or unpacked."""


class BodyUndecodable(Rejected):
    """The body is packed in a way that is unknown or broken."""


class RequestRefused(Rejected):
    """The server understood and said no: a status of 4xx in `code`, the start of its words in `body`."""

    def __init__(self, message: str, code: int, body: bytes = b"") -> None:
        super().__init__(message)
        self.code = code
        self.body = body


class AccessDenied(RequestRefused):
    """The server wants to know who asks, or will not tell us."""


class PageMissing(RequestRefused):
    """The server has nothing at this address, or no longer."""


class HostUnavailable(Unavailable):
    """The server did not answer, not in time, or only to say that it cannot; `code` is its status, if it gave one."""

    def __init__(self, message: str, retry_after: float | None = None, code: int | None = None) -> None:
        super().__init__(message, retry_after)
        self.code = code


class StillSilent(Unavailable):
    """Others that were asked at the same time have answered; this one was given up before its time."""


class NoRoom(NotYet):
    """So much came at the same time that this had to be left for later."""
