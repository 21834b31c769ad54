"""Handing a letter to the mail server that the operator named, over a guarded connection."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any, NoReturn

from stonehand import stopwatch
from stonehand.errors import Rejected
from stonehand.http_client import guard, named
from stonehand.http_client.errors import HostUnavailable

TIMEOUT = 20.0  # seconds for each step


class MailRefused(Rejected):
    """The mail server will not take the letter, or will not let us in."""


class HandoverUnclear(HostUnavailable):
    """The connection broke while the server was taking the letter, so it may have it or not."""


@dataclass(frozen=True)
class Relay:
    """A mail server. `security` is `starttls`, `tls` or `none`."""

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = ""
    trusted: ssl.SSLContext | None = None
    """Certificates to trust; None trusts those of the system."""


class _Smtp(smtplib.SMTP):
    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = guard.only_permitted(dict.fromkeys(str(address[0]) for *_, address in found), host, port)
        return socket.create_connection((addresses[0], port), timeout)


class _Smtps(smtplib.SMTP_SSL, _Smtp):
    """The same, encrypted from the first byte."""


def send(letter: EmailMessage, relay: Relay) -> None:
    """Hand over a letter. Raises `HostUnavailable`, its `HandoverUnclear`, `MailRefused`, `AddressForbidden`."""
    stopwatch.assert_no_transaction(f"sending mail by {relay.host}")
    try:
        with named.reachable(relay.host, relay.port), _connected(relay) as server:
            if relay.user:
                server.login(relay.user, relay.password)
            _hand_over(server, letter, relay)
    except smtplib.SMTPAuthenticationError as error:
        raise MailRefused(f"{relay.host} does not let {relay.user} in; check the user and the password") from error
    except smtplib.SMTPRecipientsRefused as error:
        _refused(relay, min(code for code, _ in error.recipients.values()), error)
    except smtplib.SMTPResponseException as error:
        _refused(relay, error.smtp_code, error)
    except smtplib.SMTPNotSupportedError as error:
        raise MailRefused(f"{relay.host} does not offer what is set for it: {error}") from error
    except HandoverUnclear:
        raise
    except (OSError, smtplib.SMTPException) as error:
        raise HostUnavailable(f"the mail server {relay.host} did not answer: {error}") from error


def _hand_over(server: smtplib.SMTP, letter: EmailMessage, relay: Relay) -> None:
    try:
        server.send_message(letter)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPNotSupportedError):
        raise
    except (OSError, smtplib.SMTPServerDisconnected) as error:
        raise HandoverUnclear(f"the mail server {relay.host} fell silent while it took a letter: {error}") from error


def _connected(relay: Relay) -> smtplib.SMTP:
    trusted = relay.trusted or ssl.create_default_context()
    if relay.security == "tls":
        return _Smtps(relay.host, relay.port, timeout=TIMEOUT, context=trusted)
    server = _Smtp(relay.host, relay.port, timeout=TIMEOUT)
    if relay.security == "starttls":
        try:
            server.starttls(context=trusted)
        except BaseException:
            server.close()
            raise
    return server


def _refused(relay: Relay, code: int, error: Any) -> NoReturn:
    """A code of 4xx may pass, one of 5xx will not."""
    if code < 500:
        raise HostUnavailable(f"the mail server {relay.host} cannot take it now (code {code})") from error
    raise MailRefused(f"the mail server {relay.host} refused the letter (code {code})") from error
