"""Fences around what strangers wrote: it is data, shown without what hides in it and without what talks to machines."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from stonehand.nlp import sentences
from stonehand.prompts import injection

LONGEST_SOURCE = 6000  # characters; the rest of a long article adds cost and little news
LONGEST_LINE = 300
_IMITATION = re.compile(r"<(?=\s*/?\s*(?:source|topic|story|earlier|article_[a-z_]+|login_name)-)", re.IGNORECASE)


@dataclass(frozen=True)
class Material:
    """A source as the model is shown it. `number` is how the answer names it; `day` may be empty."""

    number: int
    outlet: str
    title: str
    day: str
    text: str
    language: str = "en"


def fence(texts: Sequence[str]) -> str:
    """A word that no source can contain: it depends on all of them."""
    return hashlib.sha256("\x00".join(texts).encode("utf-8", "replace")).hexdigest()[:16]


def line(text: str, word: str, length: int = LONGEST_LINE) -> str:
    """One line of a stranger's, such as a title; empty if it talks to a machine."""
    shown = " ".join(injection.visible(text).split())
    return "" if injection.suspicions(shown) else harmless(shown, word)[:length]


def trusted(text: str, language: str, word: str, length: int = LONGEST_SOURCE) -> str:
    """A text without hidden characters and without the sentences that talk to a machine.

    It is looked at twice: what hid between letters may only then be read.
    """
    shown = injection.visible(_obeying_nobody(text, language))
    return harmless(_obeying_nobody(shown, language), word)[:length]


def _obeying_nobody(text: str, language: str) -> str:
    bad = injection.suspicions(text)
    if not bad:
        return text
    kept = [
        part.text
        for part in sentences.split(text, language)
        if not any(one.start < part.end and part.start < one.end for one in bad)
    ]
    return " ".join(kept)


def harmless(text: str, word: str) -> str:
    """The text without the fence's word, and without what looks like a fence."""
    return _IMITATION.sub("‹", text.replace(word, ""))


def block(name: str, word: str, text: str, number: int = 0) -> str:
    """A text in its fence."""
    opening = f'<{name}-{word} number="{number}">' if number else f"<{name}-{word}>"
    return f"{opening}\n{text}\n</{name}-{word}>"


def source(material: Material, word: str) -> str:
    """A source in its fence, with where it is from."""
    head = f"{line(material.outlet, word, 100)}: {line(material.title, word)}"
    day = f" ({material.day})" if material.day else ""
    return block("source", word, f"{head}{day}\n\n{trusted(material.text, material.language, word)}", material.number)
