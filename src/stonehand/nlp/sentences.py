"""Splits a text into sentences by rules, with exact offsets; made for English and German, passable elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stonehand.nlp.stopwords import stopwords

CLOSERS = "\"'”“’‘»«›‹)]"
OPENERS = "\"'“”„‘‚’«»‹›([—–- "
END = re.compile(rf"(?:[.!?…]+[{re.escape(CLOSERS)}]*(?=\s|$))|[。！？]|\n")
LAST_WORD = re.compile(r"[^\s(\[\"'“„‘«»]+$")
INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
ORDINAL = re.compile(r"\d{1,2}")


@cache
def _abbreviations() -> dict[str, frozenset[str]]:
    """Those before a name, those before a number, and those that may also end a sentence."""
    text = files(__package__).joinpath("abbreviations.txt").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {kind: frozenset(words.split()) for kind, _, words in lines}


@dataclass(frozen=True)
class Sentence:
    """Where a sentence stands: `text == whole[start:end]`, without blanks around it."""

    start: int
    end: int
    text: str


def _following(text: str, at: int) -> str:
    """The first word after `at`, without what opens a quote; empty at the end of a paragraph."""
    rest = text[at : at + 60]
    blank = len(rest) - len(rest.lstrip())
    if "\n" in rest[:blank]:
        return ""
    words = rest.lstrip(OPENERS + "\t").split(maxsplit=1)
    return words[0] if words else ""


def _abbreviated(before: str, following: str, language: str) -> bool:
    """Whether the full stop after `before` belongs to the word and not to the sentence."""
    found = LAST_WORD.search(before)
    word = found.group() if found else ""
    low = word.lower().lstrip(CLOSERS + OPENERS)
    starts_anew = following.lower().strip(CLOSERS + ",:;") in stopwords(language)
    known = _abbreviations()
    if low in known["number"] and following[0].isdigit():
        return True
    if low in known["end"]:
        return not starts_anew
    if ORDINAL.fullmatch(word):
        return language == "de" and not starts_anew
    if INITIALS.fullmatch(low):
        return (word.isupper() or language == "de") and word != "I" and not starts_anew
    return low in known["name"]


def _breaks(text: str, mark: re.Match[str], language: str) -> bool:
    """Whether a sentence ends at this mark."""
    found = mark.group()
    if found in "。！？":
        return True
    if found == "\n":
        rest = text[mark.end() : mark.end() + 2]
        return not rest[:1].islower()  # a line that was wrapped goes on in lower case
    following = _following(text, mark.end())
    if not following:
        return True
    if following[0].islower():
        return False
    return found.strip(CLOSERS) != "." or not _abbreviated(
        text[max(0, mark.start() - 40) : mark.start()], following, language
    )


def _spans(text: str, language: str) -> Iterator[tuple[int, int]]:
    start = 0
    for mark in END.finditer(text):
        if _breaks(text, mark, language):
            yield start, mark.end()
            start = mark.end()
    yield start, len(text)


def split(text: str, language: str = "en") -> list[Sentence]:
    """The sentences of a text in order; every character that is not blank is in exactly one."""
    result = []
    for start, end in _spans(text, language):
        piece = text[start:end]
        kept = piece.strip()
        if kept:
            first = start + len(piece) - len(piece.lstrip())
            result.append(Sentence(first, first + len(kept), kept))
    return result
