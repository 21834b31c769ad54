"""Old articles: their texts are kept compressed, and read as before. Pure, but for the brotli library."""

from __future__ import annotations

import brotli

QUALITY = 9  # read seldom, kept for ever


def pack(text: str) -> bytes:
    """Compress a text."""
    packed: bytes = brotli.compress(text.encode("utf-8", "surrogatepass"), mode=brotli.MODE_TEXT, quality=QUALITY)
    return packed


def text_of(text: str, packed: bytes | None) -> str:
    """The text, wherever it is kept."""
    return text if packed is None else brotli.decompress(packed).decode("utf-8", "surrogatepass")
