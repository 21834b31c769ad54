"""The words of a text, told apart the same way everywhere."""

from __future__ import annotations

import re

# Chinese and Japanese write no blanks: each character stands for a word there.
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def words(text: str) -> list[str]:
    """Every word in lower case, without punctuation."""
    return WORD.findall(text.casefold())
