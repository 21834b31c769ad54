"""The prose of a text in Markdown: without citations, the addresses of links, and the list of sources at its end."""

from __future__ import annotations

import re

SOURCES_HEADINGS = {
    "en": "Sources",
    "de": "Quellen",
    "fr": "Sources",
    "es": "Fuentes",
    "it": "Fonti",
    "nl": "Bronnen",
    "pl": "Źródła",
}
SOURCES = re.compile(
    rf"^#{{1,6}}\s+(?:{'|'.join(sorted(set(SOURCES_HEADINGS.values())))})\s*$", re.MULTILINE | re.IGNORECASE
)
CITATION = re.compile(r"\[{1,2}(\d{1,3})\]{1,2}(?:\([^)\s]*\))?(?!\()")
_LINK = re.compile(r"(?<!\\)!?\[([^\]\n]*)(?<!\\)\]\([^)\s]*(?:\s+\"[^\"\n]*\")?\)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def before_sources(markdown: str) -> str:
    """The text up to its list of sources."""
    end = SOURCES.search(markdown)
    return markdown[: end.start()] if end else markdown


def body(markdown: str) -> str:
    """What readers read, headings and lists still marked: no citations, no addresses, no list of sources."""
    text = CITATION.sub("", before_sources(markdown))
    return _ESCAPED.sub(r"\1", _LINK.sub(r"\1", text))
