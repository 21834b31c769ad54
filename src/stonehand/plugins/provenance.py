"""How a piece was written, for programs: schema.org's Article with the digital source type of IPTC. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import urlsplit

from stonehand.channels.interfaces import Piece

_SOURCE_TYPES: Mapping[str, str] = {
    "model": "TrainedAlgorithmicMediaDigitalSource",
    "offline": "AlgorithmicMediaDigitalSource",
}


def source_type(piece: Piece) -> str:
    """The kind of digital source in the words of IPTC, as an address of schema.org; nothing if a person wrote it."""
    name = _SOURCE_TYPES.get(piece.generator.partition(":")[0], "")
    return f"https://schema.org/{name}" if name else ""


def facts(piece: Piece) -> dict[str, Any]:
    """The piece as a schema.org Article."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": piece.title[:110],
        "datePublished": piece.at.isoformat(timespec="seconds"),
        "inLanguage": piece.language,
        "identifier": piece.id,
        "creditText": piece.label,
        "citation": [each.url for each in piece.references if is_web(each.url)],
    }
    more = {"digitalSourceType": source_type(piece), "keywords": list(piece.keywords)}
    return found | {name: value for name, value in more.items() if value}


def head(piece: Piece) -> str:
    """The same for the head of a page."""
    harmless = json.dumps(facts(piece), ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<meta name="generator" content="Stonehand: {escape(piece.generator)}">\n'
        f'<script type="application/ld+json">{harmless}</script>'
    )


def is_web(url: str) -> bool:
    """Whether readers can follow it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
