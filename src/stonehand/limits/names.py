"""Names of what is outside, as breakers and paces keep them: `host:example.org:443`, `provider:...`, `channel:<id>`."""

from __future__ import annotations

from stonehand.limits import pacing
from stonehand.limits.errors import TargetUnknown

KINDS = ("host", "provider", "channel")
ASKED_BY_ADDRESS = ("host", "provider")
LONGEST = 200
USUAL_PORTS = (":443", ":80")


def host(url: str) -> str:
    """The breaker of the host of an address."""
    return f"host:{pacing.host_of(url)}"


def provider(url: str) -> str:
    """The breaker of a language model's server."""
    return f"provider:{pacing.host_of(url)}"


def named(target: str) -> str:
    """The full name of what a person wrote: an address stands for its host, and the usual port may be left out.

    Raises `TargetUnknown`.
    """
    kind, _, rest = target.strip().partition(":")
    if kind not in KINDS or not rest or len(target) > LONGEST or not rest.isprintable() or " " in rest:
        kinds = ", ".join(f"{each}:NAME" for each in KINDS)
        raise TargetUnknown(f"{target[:80]!r} names nothing outside; write one of {kinds}")
    if kind not in ASKED_BY_ADDRESS:
        return f"{kind}:{rest}"
    key = pacing.host_of(rest if "://" in rest else f"https://{rest}")
    if key.partition(":")[0] in ("", "malformed"):
        raise TargetUnknown(f"{target[:80]!r} has no usable host; write it like {kind}:example.org:443")
    return f"{kind}:{key}"


def shown(name: str) -> str:
    """A name in words: `host example.org`, without the port that everybody expects."""
    kind, _, rest = name.partition(":")
    for port in USUAL_PORTS if kind in ASKED_BY_ADDRESS else ():
        rest = rest.removesuffix(port)
    return f"{kind} {rest}"
