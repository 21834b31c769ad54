"""Reading a folder of a mailbox by IMAP, over a guarded connection, without changing anything in it.

The host is checked like that of a link: whoever may add sources does not get to walk in our own network. A session has
a time and a number of bytes, after which the connection is cut whatever the server does.
"""

from __future__ import annotations

import base64
import imaplib
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stonehand import stopwatch
from stonehand.errors import Rejected
from stonehand.http_client import guard
from stonehand.http_client.errors import HostUnavailable

TIMEOUT = 20.0  # seconds for each step
SECONDS = 120.0  # for a whole session
BYTES = 40 * 1024 * 1024  # of a whole session
LARGEST = 12 * 1024 * 1024  # of one answer
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class MailboxRefused(Rejected):
    """The mail server will not let us in, has no such folder, or offers no encryption."""


@dataclass(frozen=True)
class Account:
    """Whose mailbox, and where. `security` is `tls` or `starttls`; a password is never sent without."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: str = "tls"
    folder: str = "INBOX"
    trusted: ssl.SSLContext | None = None
    """Certificates to trust; None trusts those of the system."""


@dataclass(frozen=True)
class Folder:
    """A folder as it is. Letters are known by their UIDs as long as `validity` stays the same."""

    validity: int
    next_uid: int


class _Imap(imaplib.IMAP4):
    """A session that is cut when it takes too much."""

    def __init__(self, account: Account) -> None:
        self.account, self.spent = account, 0
        self._handle: socket.socket | None = None
        self._watch = threading.Timer(SECONDS, self._cut)
        self._watch.daemon = True
        self._watch.start()
        try:
            super().__init__(account.host, account.port, TIMEOUT)
        except BaseException:
            self.end()
            raise

    def _create_socket(self, timeout: float | None) -> socket.socket:
        host, port = self.account.host, self.account.port
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = guard.only_permitted(dict.fromkeys(str(address[0]) for *_, address in found), host, port)
        plain = socket.create_connection((addresses[0], port), timeout)
        self._handle = plain.dup()  # stays ours while the other is wrapped in TLS
        return plain

    def _cut(self) -> None:
        if self._handle:
            with suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        """Hang up."""
        self._watch.cancel()
        if self._handle:
            with suppress(OSError, AttributeError, imaplib.IMAP4.error):
                self.shutdown()
            self._handle.close()

    def read(self, size: int) -> bytes:
        if size > LARGEST:
            raise self.abort(f"it sends {size:,} bytes at once")
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.spent += size
        if self.spent > BYTES:
            raise self.abort(f"it sends more than {BYTES:,} bytes")


class _Imaps(_Imap):
    """The same, encrypted from the first byte."""

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        try:
            return _context(self.account).wrap_socket(plain, server_hostname=self.account.host)
        except BaseException:
            plain.close()
            raise


class Session:
    """A folder that is open."""

    def __init__(self, server: imaplib.IMAP4, folder: Folder, deadline: float) -> None:
        self._server, self.folder, self._deadline = server, folder, deadline

    def uids_after(self, uid: int) -> list[int]:
        """The UIDs of all letters that came after this one, the oldest first."""
        return [each for each in self._search("UID", f"{uid + 1}:*") if each > uid]

    def uids_since(self, day: datetime | None) -> list[int]:
        """The UIDs of all letters that came on this day or later, the oldest first."""
        if day is None:
            return self._search("ALL")
        return self._search("SINCE", f"{day.day:02}-{MONTHS[day.month - 1]}-{day.year:04}")

    def _search(self, *wish: str) -> list[int]:
        _, found = self._server.uid("SEARCH", *wish)
        return sorted({int(number) for line in found if line for number in line.split() if number.isdigit()})

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """How many bytes each of these letters has; those that are gone are left out."""
        _, found = self._server.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
        lines = [line if isinstance(line, bytes) else line[0] for line in found if line]
        pairs = [(re.search(rb"\bUID (\d+)", line), re.search(rb"RFC822\.SIZE (\d+)", line)) for line in lines]
        return {int(uid[1]): int(size[1]) for uid, size in pairs if uid and size}

    def letter(self, uid: int) -> bytes | None:
        """The bytes of a letter; None if it is gone."""
        return self._body(uid, "BODY.PEEK[]")

    def header(self, uid: int) -> bytes | None:
        """Its header alone; None if it is gone."""
        return self._body(uid, "BODY.PEEK[HEADER]")

    def _body(self, uid: int, wish: str) -> bytes | None:
        _, found = self._server.uid("FETCH", str(uid), f"(UID {wish})")
        return next((bytes(part[1]) for part in found if isinstance(part, tuple) and b"BODY[" in part[0]), None)

    def mark_seen(self, uids: Sequence[int]) -> None:
        """Mark letters as read."""
        self._server.uid("STORE", ",".join(map(str, uids)), "+FLAGS.SILENT", r"(\Seen)")

    @property
    def seconds_left(self) -> float:
        """Until the session is cut."""
        return self._deadline - time.monotonic()


@contextmanager
def opened(account: Account, writable: bool = False) -> Iterator[Session]:
    """Open a folder; unless it is `writable`, the server lets nothing be changed.

    Raises `MailboxRefused`, `HostUnavailable`, `AddressForbidden`.
    """
    stopwatch.assert_no_transaction(f"reading mail of {account.host}")
    with _readable(account):
        server = _Imaps(account) if account.security == "tls" else _Imap(account)
        try:
            _enter(server, account)
            yield Session(server, _select(server, account, writable), time.monotonic() + SECONDS)
            with suppress(OSError, imaplib.IMAP4.error):
                server.logout()
        finally:
            server.end()


@contextmanager
def _readable(account: Account) -> Iterator[None]:
    """What can go wrong on the way, in words."""
    place = f"the mail server {account.host}, port {account.port},"
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise MailboxRefused(
            f"the certificate of {account.host} is not to be trusted: {error.verify_message}"
        ) from error
    except ssl.SSLError as error:
        raise MailboxRefused(f"{place} does not speak TLS; try security=starttls, or the right port") from error
    except imaplib.IMAP4.abort as error:
        raise HostUnavailable(f"{place} broke off: {str(error)[:200]}") from error
    except imaplib.IMAP4.error as error:
        raise MailboxRefused(f"{place} refused: {_said(error)}") from error
    except UnicodeError as error:
        raise MailboxRefused(f"{place} sent, or was to be sent, what no mail server understands") from error
    except OSError as error:
        raise HostUnavailable(f"{place} does not answer: {error.strerror or error}") from error


def _context(account: Account) -> ssl.SSLContext:
    return account.trusted or ssl.create_default_context()


def _enter(server: imaplib.IMAP4, account: Account) -> None:
    if account.security != "tls":
        if "STARTTLS" not in server.capabilities:
            raise MailboxRefused(f"{account.host} offers no encryption (STARTTLS), so the password was not sent to it")
        server.starttls(_context(account))
    try:
        _sign_in(server, account)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = _said(error)
        if re.search(r"\[(UNAVAILABLE|INUSE|LIMIT)\]", said):
            raise HostUnavailable(f"{account.host} lets nobody in now: {said}") from error
        raise MailboxRefused(
            f"{account.host} does not let {account.user} in; check the user and the password"
        ) from error


def _sign_in(server: imaplib.IMAP4, account: Account) -> None:
    """By what carries any character, if the server offers it."""
    user, password = account.user.encode(), account.password.encode()
    if "AUTH=PLAIN" in server.capabilities:
        server.authenticate("PLAIN", lambda _: b"\0".join((b"", user, password)))
    elif "AUTH=LOGIN" in server.capabilities:
        answers = iter((user, password))
        server.authenticate("LOGIN", lambda _: next(answers, None))
    else:
        server.login(account.user, account.password)


def _select(server: imaplib.IMAP4, account: Account, writable: bool) -> Folder:
    status, _ = server.select(_quoted(account.folder), readonly=not writable)
    if status != "OK":
        names = ", ".join(_folders(server)[:20])
        raise MailboxRefused(f"there is no folder {account.folder!r} for {account.user}; there are: {names or 'none'}")
    return Folder(_number(server, "UIDVALIDITY"), _number(server, "UIDNEXT"))


def _number(server: imaplib.IMAP4, name: str) -> int:
    _, found = server.response(name)
    text = found[-1] if found else None
    return int(text) if isinstance(text, bytes) and text.isdigit() else 0


def _folders(server: imaplib.IMAP4) -> list[str]:
    _, found = server.list()
    lines = [_joined(line) for line in found if line]
    names = [re.search(rb'\) (?:"(?:\\.|[^"])*"|NIL) "?(.+?)"?$', line) for line in lines]
    return sorted(_unspelled(name[1].decode("ascii", "replace")) for name in names if name)


def _joined(line: Any) -> bytes:
    return line if isinstance(line, bytes) else b" ".join((re.sub(rb"\{\d+\}$", b"", line[0]).strip(), line[1]))


def _said(error: Exception) -> str:
    """What the server said, without what imaplib wraps around it."""
    text = error.args[0] if error.args else ""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    return " ".join(words.split())[:200]


def _quoted(folder: str) -> str:
    """A folder's name as IMAP spells it: modified UTF-7 (RFC 3501, 5.1.3), in quotes."""
    spelled = re.sub(r"[^\x20-\x7e]+|&", _spelled, folder)
    return '"' + spelled.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _spelled(found: re.Match[str]) -> str:
    if found[0] == "&":
        return "&-"
    return "&" + base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"


def _unspelled(name: str) -> str:
    def plain(found: re.Match[str]) -> str:
        if not found[1]:
            return "&"
        packed = found[1].replace(",", "/")
        with suppress(ValueError):
            return base64.b64decode(packed + "=" * (-len(packed) % 4)).decode("utf-16-be", "replace")
        return found[0]

    return re.sub(r"&([A-Za-z0-9+,]*)-", plain, name)
