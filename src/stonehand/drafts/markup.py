"""What a text in Markdown may not hold: raw HTML, links away from its sources, places that were never filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from stonehand.drafts.pieces import Warned
from stonehand.sources.addresses import without_tracking
from stonehand.sources.errors import AddressMalformed

HTML, LINK, PLACEHOLDER = "html", "link", "placeholder"
_PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\{%.*?%\}|\$\{\w+\}|\blorem ipsum\b|\b(?:TODO|TBD|FIXME)\b"
    r"|\[(?:insert|your|todo|tbd|placeholder|xxx)\b[^\]]*\]|<(?:insert|your|placeholder)\b[^>]*>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"\b(?:https?|ftp|javascript|data|file|mailto)\s*:|\bwww\.\w|[\w.+-]@[\w-]+\.\w|\b[\w-]+\.(?:com|net|org|info|io|xyz|top|ru|cn)/",
    re.IGNORECASE,
)
_parser = MarkdownIt("commonmark")


def destination(url: str) -> str:
    """The address as it can stand in the round brackets of a Markdown link; empty unless it is http or https."""
    if not re.match(r"https?://", url, re.IGNORECASE):
        return ""
    return quote(url, safe="%/:=&?~#+!$,;'@*[]-._")


def citable(url: str) -> str:
    """The address as a piece links to it: a `destination` without what follows readers around."""
    try:
        return destination(without_tracking(url))
    except AddressMalformed:
        return destination(url)


def problems(markdown: str, allowed: Iterable[str]) -> list[Warned]:
    """What is wrong with the text; links may only lead to `allowed`. Kinds are "html", "link" and "placeholder"."""
    permitted = _targets(allowed)
    found: dict[tuple[str, str], Warned] = {}
    for token in _tokens(_parser.parse(markdown)):
        warned = _problem(token, permitted)
        if warned:
            found.setdefault((warned.kind, warned.text), warned)
    for match in _PLACEHOLDER.finditer(markdown.replace("\\", "")):
        warned = Warned(PLACEHOLDER, f"a place was never filled in: {match.group()[:60]}")
        found.setdefault((warned.kind, warned.text), warned)
    return list(found.values())


def links(markdown: str) -> list[str]:
    """Where the text's links and images lead, in order."""
    found = (
        token.attrGet("href" if token.type == "link_open" else "src") for token in _tokens(_parser.parse(markdown))
    )
    return [str(target) for target in found if target]


def allowed(target: str, urls: Iterable[str]) -> bool:
    """Whether a link's target, as the parser gives it, is one of these addresses."""
    return target in _targets(urls)


def _targets(urls: Iterable[str]) -> set[str]:
    """Both ways in which a link leads to these addresses."""
    return {_parser.normalizeLink(way(url)) for url in urls for way in (destination, citable)}


def _tokens(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _tokens(token.children or ())


def _problem(token: Token, permitted: set[str]) -> Warned | None:
    if token.type in {"html_block", "html_inline"}:
        return Warned(HTML, f"raw HTML: {token.content.strip()[:60]}")
    target = str(token.attrGet("href" if token.type == "link_open" else "src") or "")
    if token.type == "image":
        return Warned(LINK, f"an image from elsewhere: {target[:120]}")
    if token.type == "link_open" and target not in permitted:
        return Warned(LINK, f"a link that leads to none of the sources: {target[:120]}")
    return None


def has_address(text: str) -> bool:
    """Whether a text holds an address that some channels make a link of by themselves."""
    return _ADDRESS.search(text) is not None


def is_plain_prose(text: str) -> bool:
    """Whether a sentence from a machine holds no address, no markup and no unfilled place."""
    return not (_ADDRESS.search(text) or _PLACEHOLDER.search(text) or re.search(r"<[/!?a-zA-Z]|\]\(|&#|```", text))
