"""What operators write into settings that is more than a word or a number. Pure."""

from __future__ import annotations


def checked_tls(url: str) -> str:
    """A TLS address that says how to judge the server's certificate: strictly, unless it says otherwise."""
    if not url.startswith("rediss://") or "ssl_cert_reqs=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}ssl_cert_reqs=required"


def pairs(text: str) -> dict[str, int]:
    """`generation=2,publishing=1` as a dict. Raises `ValueError`."""
    found = {}
    for word in text.replace(",", " ").split():
        name, _, count = word.partition("=")
        if not name or not count.isdigit() or int(count) < 1:
            raise ValueError(f"{word!r} is not a queue and a number; write it like generation=2,publishing=1")
        found[name] = int(count)
    return found
