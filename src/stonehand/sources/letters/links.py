"""Links of letters: where they really lead, as far as their text tells, and which are nobody's news. Pure.

Nothing is asked: a click redirector that does not carry its target in its address stays as it is.
"""

from __future__ import annotations

import base64
import json
import re
from binascii import Error as Base64Error
from collections.abc import Collection, Iterator
from contextlib import suppress
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from stonehand.sources.addresses import absolute, canonical_url, without_tracking

DEEPEST = 5  # redirectors in a row
CARRIERS = {"url", "u", "target", "redirect", "redirect_url", "redirecturl", "redirect_to", "dest", "destination"} | {
    "link", "to", "goto", "go", "href", "r", "q", "l", "targeturl", "upn", "location", "out", "ued",
}  # fmt: skip
ROAD = re.compile(
    r"(^|[./_-])(click|clicks|clk|ct|cl|cl0|l0|ls|track|tracking|trk|redir|redirect|rd|r|url|out|go|goto|link|links|lnk|"
    r"away|l\.php|email|e|jump|leave|exit|safelinks)([./_-]|\d|$)",
    re.IGNORECASE,
)
CARRIED = re.compile(r"https?(?::|%3a)(?:/|%2f){1,2}.+", re.IGNORECASE)
ADDED = {
    "ref",
    "source",
    "campaign",
    "ck_subscriber_id",
    "_bhlid",
    "sid_hash",
    "isfreemail",
    "post_id",
    "publication_id",
}
FURNITURE_WORDS = re.compile(
    r"unsubscri|opt[ -]?out|(manage|update|change|edit)\s+(your\s+|my\s+)?(e-?mail\s+|newsletter\s+)?"
    r"(subscription|preference|setting|profile|frequency)|stop receiving|no longer (wish|want)|"
    r"(view|read|open|see)\s+(this\s+|it\s+|the\s+)?(e-?mail\s+|newsletter\s+|message\s+|issue\s+)?"
    r"(in|on)\s+(your\s+|the\s+|a\s+)?(web\s*)?browser|view online|web version|forward(ed)? (this|to)|"
    r"privacy (policy|notice)|terms (of|and|&)|cookie policy|"
    r"abmelden|abbestell|austragen|im browser (ansehen|öffnen)|online ansehen|webversion|impressum|datenschutz|"
    r"désabonn|désinscri|desabonn|voir (dans|en) |version en ligne|darse de baja|cancelar (la )?suscripci|"
    r"ver en (el )?navegador|disiscri|annulla l.iscrizione|cancellati|uitschrijven|afmelden|bekijk (in|online)|avmeld|"
    r"wypisz|отпис|退订|配信停止",
    re.IGNORECASE,
)
FURNITURE_ADDRESS = re.compile(
    r"unsub|opt-?out|(subscription|email|notification|manage|user)[-_/]?(preference|setting)s?|preference-?cent|"
    r"manage[-_/]?subscription|abmeld|abbestell|desabon|list-manage\d*\.com/(profile|vcard|about|subscribe)|"
    r"/(share|sharer|sharing)([/.?]|$)|intent/(tweet|post)|sharearticle|mailchi\.mp/.*=unsub|[?&]action=unsub|"
    r"\.(png|jpe?g|gif|svg|webp|ico|css|js|ics|vcf|woff2?)$|/(privacy|terms|imprint|impressum|legal)([-_/.]|$)|"
    r"campaign-archive\.com|/email/view|viewinbrowser|view-in-browser|webversion",
    re.IGNORECASE,
)
SOCIAL = {"facebook.com", "instagram.com", "linkedin.com", "pinterest.com", "tiktok.com", "threads.net", "bsky.app"} | {
    "twitter.com", "x.com", "youtube.com", "t.me", "wa.me", "api.whatsapp.com", "discord.gg", "discord.com",
}  # fmt: skip
SHOPS = {"apps.apple.com", "itunes.apple.com", "play.google.com", "www.w3.org"}


def cleaned(url: str) -> str | None:
    """The address that a link leads to, without what tells who clicked; None if it is none that can be read."""
    found = absolute("", resolved(url))
    if found is None:
        return None
    return without_tracking(found, ADDED)


def resolved(url: str) -> str:
    """What a redirector carries in its own address, and what that one carries."""
    for _ in range(DEEPEST):
        try:
            onward = next(_targets(urlsplit(url.strip())), None)
        except ValueError:
            return url
        if onward is None or onward == url:
            return url
        url = onward
    return url


def is_furniture(url: str, text: str) -> bool:
    """Whether a link is part of the letter's form: leaving the list, sharing, legal notices, pictures."""
    if FURNITURE_WORDS.search(text):
        return True
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return True
    place = f"{parts.hostname}{unquote(parts.path)}" + (f"?{parts.query}" if parts.query else "")
    pieces = [piece for piece in parts.path.split("/") if piece]
    if host in SHOPS or FURNITURE_ADDRESS.search(place) or FURNITURE_ADDRESS.search(parts.path):
        return True
    return (host in SOCIAL and len(pieces) < 2 and not parts.query) or (not pieces and not parts.query)


def same(url: str, others: Collection[str]) -> bool:
    """Whether this is one of those addresses, in whatever spelling."""
    return _plain(url) in {_plain(other) for other in others}


def _plain(url: str) -> str:
    with suppress(Exception):
        return canonical_url(url)
    return url


def _targets(parts: SplitResult) -> Iterator[str]:
    """What an address carries, the surest first."""
    host, path = (parts.hostname or "").lower(), parts.path
    if host.startswith("urldefense."):
        yield from _of_urldefense(parts)
    is_road = bool(ROAD.search(host) or ROAD.search(path)) or host.endswith(("safelinks.protection.outlook.com",))
    given = {name.lower(): value for name, value in parse_qsl(parts.query, max_num_fields=100)} if parts.query else {}
    if is_road:
        for name in CARRIERS & given.keys():
            if CARRIED.match(given[name]):
                yield _decoded(given[name])
        yield from _in_path(path)
    for value in [*given.values(), *path.split("/")]:
        yield from _in_base64(value)


def _of_urldefense(parts: SplitResult) -> Iterator[str]:
    whole = unquote(parts.path)
    if found := re.search(r"/v3/__(https?:/{1,2}.+?)__;", whole + ";"):
        yield re.sub(r"^(https?:)/+", r"\1//", found[1])
    for name, value in parse_qsl(parts.query):
        if name == "u":  # version 2 spells % as - and / as _
            yield unquote(value.replace("-", "%").replace("_", "/"))


def _in_path(path: str) -> Iterator[str]:
    """`/CL0/https:%2F%2Fexample.org%2Fnews/1/0100`: the whole target is one piece, or the rest of the path."""
    for piece in path.split("/"):
        if CARRIED.match(piece) and "%2f" in piece.lower():
            yield _decoded(piece)
            return
    if found := re.search(r"/(https?:/{1,2}[^/].+)$", path):
        yield re.sub(r"^(https?:)/+", r"\1//", found[1])


def _decoded(text: str) -> str:
    return unquote(text) if re.match(r"https?%3a|https?:%2f", text, re.IGNORECASE) else text


def _in_base64(text: str) -> Iterator[str]:
    """A target in base64, plain or in JSON (`{"url": ...}`, also within it)."""
    if not 24 <= len(text) <= 8_000 or not re.fullmatch(r"[A-Za-z0-9+/_=.-]+", text):
        return
    for piece in {text, *text.split(".")}:
        with suppress(Base64Error, ValueError, UnicodeError, RecursionError):
            plain = base64.urlsafe_b64decode(
                piece.replace("+", "-").replace("/", "_") + "=" * (-len(piece) % 4)
            ).decode()
            if re.fullmatch(r"https?://\S+", plain):
                yield plain
            elif plain.startswith("{"):
                yield from _in_json(json.loads(plain))


def _in_json(found: object) -> Iterator[str]:
    if not isinstance(found, dict):
        return
    for name, value in list(found.items())[:50]:
        if str(name).lower() in (*CARRIERS, "e", "p") and isinstance(value, str):
            if re.match(r"https?://", value):
                yield value
            elif value.startswith("{"):
                yield from _in_json(json.loads(value))
