"""What is asked and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Request:
    """One question. `max_bytes` caps the body as sent and as unpacked.

    `timeout` is seconds for everything together; None leaves it to the settings. With `breaker` False, the host's
    circuit breaker neither holds nor counts it: for who keeps one of its own. With `follow` False, a redirect is the
    answer: for who keeps cookies.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    etag: str | None = None
    modified: str | None = None
    accept: str | None = None
    max_bytes: int = 5 * MEGABYTE
    timeout: float | None = None
    breaker: bool = True
    follow: bool = True


@dataclass(frozen=True)
class Reply:
    """The answer, unpacked. `headers` ignore case; `redirects` are the addresses that led to `url`, first one first."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[str, ...] = ()
    moved: str | None = None
    """Where what was asked for is from now on, if the server said that it moved for good (301, 308)."""

    @property
    def content_type(self) -> str:
        """The media type in lower case without parameters, such as `text/html`; empty if none was given."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The charset that the header names, in lower case."""
        message = Message()
        message["content-type"] = self.headers.get("content-type", "")
        return message.get_content_charset()

    @property
    def cookies(self) -> list[str]:
        """Each `Set-Cookie` as it came."""
        given = getattr(self.headers, "get_list", None)
        return list(given("set-cookie")) if given else []

    @property
    def etag(self) -> str | None:
        """To be sent back as `Request.etag`."""
        return self.headers.get("etag")

    @property
    def modified(self) -> str | None:
        """To be sent back as `Request.modified`."""
        return self.headers.get("last-modified")

    @property
    def not_modified(self) -> bool:
        """The server says that we already have it; the body is empty."""
        return self.status == 304
