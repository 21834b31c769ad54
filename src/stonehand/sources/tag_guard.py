"""Tags with more attributes than any honest one: parsers compare each with all others, for minutes."""

from __future__ import annotations

import re

MOST_ATTRIBUTES = 1000
SHORT = 20_000  # characters of a document in which no tag can do harm
# One tag, up to its end or that of the document, read as HTML does: quotes count after an equals sign only.
# The possessive quantifiers never go back, so that this takes one walk through the text.
_TAG = re.compile(r"""<[^\s!?/<>=](?:[^>=]++|=(?!\s*+["'])|=\s*+"[^"]*+"|=\s*+'[^']*+')*+""")


def overloaded(text: str) -> bool:
    """Whether a tag of this document, HTML or XML, has more than `MOST_ATTRIBUTES`."""
    if len(text) < SHORT:
        return False
    long_tags = (found.group() for found in _TAG.finditer(text) if found.end() - found.start() > 2 * MOST_ATTRIBUTES)
    return any(_attributes(tag) > MOST_ATTRIBUTES for tag in long_tags)


def _attributes(tag: str) -> int:
    """How many there are at most: words outside of quotes."""
    return len(re.sub(r"""=\s*+(?:"[^"]*+"|'[^']*+')""", "= ", tag).split())
