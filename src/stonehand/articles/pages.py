"""Raw pages as they are kept: compressed, and known by their content."""

from __future__ import annotations

from hashlib import sha256
from html import escape

import brotli

QUALITY = 1  # a tenth larger than at 3, in half the time, which every page costs


def digest(body: bytes) -> str:
    """The name of a page: the same bytes are kept once."""
    return sha256(body).hexdigest()


def pack(body: bytes) -> bytes:
    """Compress for keeping."""
    packed: bytes = brotli.compress(body, quality=QUALITY)
    return packed


def unpack(packed: bytes, size: int) -> bytes:
    """The page again; never more than the `size` it had when it was kept."""
    body: bytes = brotli.Decompressor().process(packed, output_buffer_limit=max(size, 1))
    return body[:size]


def from_content(content_html: str, title: str, language: str | None = None, outlet: str | None = None) -> bytes:
    """A whole page around the HTML that a feed carried, for an entry whose own page cannot be fetched."""
    spoken = f' lang="{escape(language)}"' if language else ""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    head += f'<meta property="og:site_name" content="{escape(outlet)}">' if outlet else ""
    body = f"<article><h1>{escape(title)}</h1>\n{content_html}</article>"
    page = f"<!doctype html>\n<html{spoken}><head>{head}</head>\n<body>{body}</body></html>"
    return page.encode("utf-8", "replace")
