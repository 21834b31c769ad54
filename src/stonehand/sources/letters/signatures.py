"""How a mail service shows that it may hand letters in. Pure.

Three ways, by one secret: a signature over time and body in a header of ours; the three fields of Mailgun; the secret
as the password of Basic authentication, for services that sign nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from binascii import Error as Base64Error
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from stonehand.sources.letters.errors import MailInClosed, SignatureWrong

HEADER = "X-Stonehand-Signature"
SHORTEST = 16  # characters
OLDEST = 300.0  # seconds


def sign(secret: str, body: bytes, at: int) -> str:
    """The header's value for a body that is sent at `at`, in seconds since 1970."""
    return f"t={at},v1={_digest(secret, str(at).encode() + b'.' + body)}"


def check(
    secret: str, headers: Mapping[str, str], body: bytes, fields: Mapping[str, object], now: datetime
) -> str | None:
    """Raise `SignatureWrong`, or `MailInClosed` if there is no secret.

    Returns what may be shown for one letter only, if the signature does not cover the letter itself.
    """
    if len(secret) < SHORTEST:
        raise MailInClosed(
            f"no mail is taken in here: the operator must first set STONEHAND_MAIL_IN_SECRET, of at least "
            f"{SHORTEST} characters"
        )
    if given := headers.get(HEADER.lower()):
        found = re.fullmatch(r"t=(\d{1,12}),\s*v1=([0-9a-f]{64})", given.strip())
        if found is None:
            raise SignatureWrong(f"{HEADER} must read: t=<seconds since 1970>,v1=<64 hexadecimal digits>")
        _compare(_digest(secret, found[1].encode() + b"." + body), found[2])
        _check_time(found[1], now)
        return None
    stamp, token, signature = (str(fields.get(name) or "") for name in ("timestamp", "token", "signature"))
    if signature and token:
        _compare(_digest(secret, (stamp + token).encode()), signature)
        _check_time(stamp, now)
        return hashlib.sha256(token.encode()).hexdigest()
    _compare(secret, _password(headers.get("authorization", "")))
    return None


def _digest(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _compare(wanted: str, given: str) -> None:
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise SignatureWrong(
            f"the letter is not signed with our secret; sign it in {HEADER}, or give the secret as the password of "
            "Basic authentication"
        )


def _check_time(stamp: str, now: datetime) -> None:
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp)) > OLDEST:
        raise SignatureWrong(
            f"the signature is older than {OLDEST:.0f} s, or a clock is wrong; sign each delivery anew"
        )


def _password(authorization: str) -> str:
    scheme, _, given = authorization.partition(" ")
    with suppress(Base64Error, ValueError):
        if scheme.lower() == "basic":
            return base64.b64decode(given.strip(), validate=True).decode().partition(":")[2]
    return ""
