"""The one way out: a guarded, capped, patient HTTP client. Nothing else of ours opens a connection outwards.

`fetch` and `fetch_all` wait, so call them with no transaction open. They do not pace: reserve a slot in `limits` first.
They heed the circuit breaker of each host and tell it what happened.
"""

from __future__ import annotations

from stonehand.http_client.client import PRODUCT
from stonehand.http_client.errors import (
    AccessDenied,
    AddressForbidden,
    BodyTooLarge,
    BodyUndecodable,
    HostUnavailable,
    PageMissing,
    RedirectLoop,
    RequestRefused,
    StillSilent,
    UrlMalformed,
)
from stonehand.http_client.guard import allow_address, trust
from stonehand.http_client.messages import Reply, Request
from stonehand.http_client.outlet import close, fetch, fetch_all
from stonehand.http_client.trail import outcome_of
from stonehand.limits.errors import BreakerOpen

__all__ = [
    "PRODUCT",
    "AccessDenied",
    "AddressForbidden",
    "BodyTooLarge",
    "BodyUndecodable",
    "BreakerOpen",
    "HostUnavailable",
    "PageMissing",
    "RedirectLoop",
    "Reply",
    "Request",
    "RequestRefused",
    "StillSilent",
    "UrlMalformed",
    "allow_address",
    "close",
    "fetch",
    "fetch_all",
    "outcome_of",
    "trust",
]
