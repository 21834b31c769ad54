"""Signing what is sent to a webhook, after the Standard Webhooks specification, version 1. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from stonehand.channels.interfaces import ConfigUnfit

PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes that the specification asks for


def secret(text: str) -> bytes:
    """The bytes of a signing secret, `whsec_` and base64. Raises `ConfigUnfit`."""
    try:
        found = base64.b64decode(text.strip().removeprefix(PREFIX), validate=True)
    except binascii.Error:
        found = b""
    if not text.strip().startswith(PREFIX) or not _SHORTEST <= len(found) <= _LONGEST:
        raise ConfigUnfit(
            f"signing_secret is {PREFIX} and then {_SHORTEST} to {_LONGEST} random bytes in base64; make one with "
            f'echo "{PREFIX}$(openssl rand -base64 32)", and give the same to the receiver'
        )
    return found


def headers(key: bytes, message_id: str, moment: int, body: bytes) -> Mapping[str, str]:
    """The three headers of a message. `moment` is in seconds since 1970; the id stays the same when it is repeated."""
    signed = b".".join((message_id.encode(), str(moment).encode(), body))
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(moment), "webhook-signature": f"v1,{signature}"}
