"""Addresses: two spellings of one page are one address."""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from stonehand.sources.errors import AddressMalformed

LONGEST = 2000  # characters; what browsers, servers and our index still take
_TRACKING = re.compile(
    r"utm_\w*|fbclid|gclid|gclsrc|gbraid|wbraid|dclid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|mc_eid|mc_cid"
    r"|_hsenc|_hsmi|__hstc|__hssc|__hsfp|hsctatracking|mkt_tok|oly_enc_id|oly_anon_id|vero_id|vero_conv|_ga|_gl"
    r"|at_medium|at_campaign|at_custom\d|wt_mc|wt_zmc|s_cid|cmpid|ns_campaign|ns_mchannel|ns_source|ns_linkname"
    r"|pk_campaign|pk_kwd|pk_source|mtm_campaign|mtm_source|mtm_medium|mtm_kwd|matomo_campaign|piwik_campaign",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"%([0-9a-fA-F]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": 80, "https": 443}


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise AddressMalformed(f"{url[:200]!r} is not an http or https address; write it as https://example.org/page")
    return parts


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = quote(host)
    shown = f"[{host}]" if ":" in host else host
    return shown if parts.port in (None, _PORTS[parts.scheme]) else f"{shown}:{parts.port}"


def _escape(match: re.Match[str]) -> str:
    character = chr(int(match.group(1), 16))
    return character if character in _UNRESERVED else match.group(0).upper()


def _spelled(text: str) -> str:
    escaped = quote(text, safe="%/:?#[]@!$&'()*+,;=-._~", errors="replace")
    return _ESCAPE.sub(_escape, escaped)


def _path(path: str) -> str:
    kept: list[str] = []
    for piece in path.split("/")[1:]:
        if piece == "..":
            del kept[-1:]
        elif piece != ".":
            kept.append(piece)
    ends_in_folder = path.endswith(("/.", "/.."))
    return "/" + "/".join(kept) + ("/" if ends_in_folder and kept else "")


def _query(query: str) -> str:
    pieces = [piece for piece in _spelled(query).split("&") if piece]
    return "&".join(sorted(piece for piece in pieces if not _TRACKING.fullmatch(piece.partition("=")[0])))


def canonical_url(url: str) -> str:
    """The one spelling of an address: equal for links to the same page that differ only in tracking or form.

    Drops tracking parameters, fragment, credentials and default port; sorts parameters; lowers scheme and host.
    Parameters that may choose the page (`id`, `t`, `v`, `ref`, `source` and every unknown one) stay. Idempotent.
    Raises `AddressMalformed` for what is no http or https address.
    """
    parts = _split(url)
    host = _host(parts)
    return urlunsplit((parts.scheme, host, _path(_spelled(parts.path)), _query(parts.query), ""))


def without_tracking(url: str, more: Collection[str] = ()) -> str:
    """The address without tracking parameters and those of `more` (in small letters); the rest stays as it is."""
    before, _, rest = url.partition("?")
    query, mark, fragment = rest.partition("#")
    kept = [piece for piece in query.split("&") if piece and not _is_tracking(piece.partition("=")[0], more)]
    return before + ("?" + "&".join(kept) if kept else "") + mark + fragment


def _is_tracking(name: str, more: Collection[str]) -> bool:
    return bool(_TRACKING.fullmatch(name)) or name.lower() in more


def host_of(url: str) -> str:
    """The host, with its port if it is not the default one. Raises `AddressMalformed`."""
    return _host(_split(url))


def absolute(base: str, link: str | None) -> str | None:
    """`link` as a whole http address, read at `base`; None if it is empty, too long or something else (`mailto:`)."""
    if not link or not link.strip():
        return None
    try:
        joined = urljoin(base, "".join(link.split()))
        _split(joined)
    except (ValueError, AddressMalformed):
        return None
    return joined if len(joined) <= LONGEST else None
