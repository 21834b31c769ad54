"""The picture of a piece: an address and the words for who cannot see it. We keep and send the address only."""

from __future__ import annotations

from urllib.parse import urlsplit

from stonehand.drafts.errors import TextUnacceptable

ADDRESS, WORDS = 2000, 300  # characters at most


def checked(url: str, alt: str) -> tuple[str, str]:
    """The address and the words, each on one line. Raises `TextUnacceptable` for what no page could show."""
    address, words = url.strip(), " ".join(alt.split())
    if not address:
        if words:
            raise TextUnacceptable("the picture has words and no address; give its address, or remove the words")
        return "", ""
    if not is_fit(address):
        raise TextUnacceptable(
            f"{address[:80]!r} is no address of a picture; it begins with https://, names a host and has no spaces"
        )
    if not words:
        raise TextUnacceptable("the picture has no words for those who cannot see it; say what it shows")
    if len(words) > WORDS:
        raise TextUnacceptable(f"the words for the picture have {len(words)} characters; keep it below {WORDS}")
    return address, words


def is_fit(address: str) -> bool:
    """Whether it is an https address with a host, without a login, that needs no escaping."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    is_plain = address.isascii() and address.isprintable() and not set(address) & set(" \"'<>\\^`{|}")
    has_host = bool(parts.hostname) and "@" not in parts.netloc and port != 0
    return parts.scheme == "https" and has_host and is_plain and len(address) <= ADDRESS
