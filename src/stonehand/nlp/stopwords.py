"""Words that say nothing about what a text is about, per language."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def _all() -> dict[str, frozenset[str]]:
    text = files(__package__).joinpath("stopwords.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {language.strip(): frozenset(words.split()) for language, _, words in lines}


def stopwords(language: str) -> frozenset[str]:
    """Lower-case stop words; those of English for a language we have none for."""
    return _all().get(language, _all()["en"])
