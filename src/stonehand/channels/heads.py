"""What a page says of a piece to machines: schema.org for search engines, OpenGraph and Twitter cards for networks.

Pure, for every kind of channel that makes pages. All of it comes from the approved piece.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any
from urllib.parse import urlsplit

from stonehand.channels.interfaces import Piece
from stonehand.nlp import lexical, prose

HEADLINE, DESCRIPTION = 110, 200  # characters, of schema.org's data
CARD_TITLE, CARD_DESCRIPTION = 70, 160  # characters, of a card
_LOCALES = {"en": "en_GB", "de": "de_DE", "fr": "fr_FR", "es": "es_ES", "it": "it_IT", "nl": "nl_NL", "pl": "pl_PL"}


def title(piece: Piece) -> str:
    """The title for search engines, else the piece's own."""
    return piece.meta_title or piece.title


def description(piece: Piece) -> str:
    """The description for search engines, else the excerpt."""
    return piece.meta_description or piece.excerpt


def is_web(url: str) -> bool:
    """Whether an address can be followed."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def schema_org(piece: Piece, url: str = "", publisher: str = "") -> dict[str, Any]:
    """The piece as a schema.org Article. `url` is where it is seen, `publisher` who shows it."""
    facts: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": shortened(piece.title, HEADLINE),
        "description": shortened(description(piece), DESCRIPTION),
        "datePublished": piece.at.isoformat(timespec="seconds"),
        "inLanguage": piece.language,
        "identifier": piece.id,
        "creditText": piece.label,
        "digitalSourceType": piece.digital_source,
        "wordCount": len(lexical.words(prose.body(piece.markdown))),
        "citation": [reference.url for reference in piece.references if is_web(reference.url)],
    }
    if publisher:
        house = {"@type": "Organization", "name": publisher}
        facts |= {"author": house, "publisher": house}
    if is_web(url):
        facts |= {"url": url, "mainEntityOfPage": url}
    if piece.corrected_at:
        facts["dateModified"] = piece.corrected_at.isoformat(timespec="seconds")
    if piece.keywords:
        facts["keywords"] = list(piece.keywords)
    if is_web(piece.image_url):
        facts["image"] = piece.image_url
    return facts


def open_graph(piece: Piece, url: str = "", site: str = "") -> list[tuple[str, str]]:
    """The OpenGraph properties of the piece, in order."""
    found = [
        ("og:type", "article"),
        ("og:title", shortened(title(piece), CARD_TITLE)),
        ("og:description", shortened(description(piece), CARD_DESCRIPTION)),
        ("og:locale", _LOCALES.get(piece.language[:2].lower(), piece.language)),
        ("og:site_name", site),
        ("og:url", url if is_web(url) else ""),
        ("og:image", piece.image_url if is_web(piece.image_url) else ""),
        ("article:published_time", piece.at.isoformat(timespec="seconds")),
        ("article:modified_time", piece.corrected_at.isoformat(timespec="seconds") if piece.corrected_at else ""),
        *(("article:tag", word) for word in piece.keywords),
    ]
    return [(name, value) for name, value in found if value]


def twitter(piece: Piece) -> list[tuple[str, str]]:
    """The Twitter card of the piece."""
    has_image = is_web(piece.image_url)
    found = [
        ("twitter:card", "summary_large_image" if has_image else "summary"),
        ("twitter:title", shortened(title(piece), CARD_TITLE)),
        ("twitter:description", shortened(description(piece), CARD_DESCRIPTION)),
        ("twitter:image", piece.image_url if has_image else ""),
    ]
    return [(name, value) for name, value in found if value]


def as_html(piece: Piece, url: str = "", site: str = "") -> str:
    """All of it for the head of a page, a line each. Nothing in it can end the element that it stands in."""
    plain = [("generator", f"Stonehand: {piece.generator}"), ("description", description(piece))]
    plain += [("keywords", ", ".join(piece.keywords))] if piece.keywords else []
    lines = [_meta("name", *pair) for pair in plain]
    lines += [f'<link rel="canonical" href="{escape(url)}">'] if is_web(url) else []
    lines += [_meta("property", *pair) for pair in open_graph(piece, url, site)]
    lines += [_meta("name", *pair) for pair in twitter(piece)]
    return "\n".join([*lines, _script(piece, url, site), ""])


def provenance(piece: Piece) -> str:
    """How it was written and what it rests on, for the head of a page that says the rest by itself."""
    return f"{_meta('name', 'generator', f'Stonehand: {piece.generator}')}\n{_script(piece)}"


def _script(piece: Piece, url: str = "", site: str = "") -> str:
    harmless = json.dumps(schema_org(piece, url, site), ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{harmless}</script>'


def _meta(attribute: str, name: str, content: str) -> str:
    return f'<meta {attribute}="{name}" content="{escape(content)}">'


def shortened(text: str, length: int) -> str:
    """On one line, cut at a word if it is longer than `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
