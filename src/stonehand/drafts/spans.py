"""Finds the sentences of a text in Markdown, with exact offsets and the sources each one names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from stonehand.drafts.escaping import plain
from stonehand.nlp import prose, sentences

_BLOCK = re.compile(r"[^\n]+(?:\n[^\n]+)*")
_NOT_PROSE = re.compile(r"#{1,6}\s|([-*_]\s*){3,}$|```|~~~")
_PREFIX = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)]|>)[ \t]+", re.MULTILINE)
_LINK_END = re.compile(r"(?<!\\)\]\([^)\s]*\)")
_EMPHASIS = re.compile(r"(?<!\\)[*_`\[\]]")
_LETTER = re.compile(r"[^\W_]")


@dataclass(frozen=True)
class Span:
    """A sentence at `start:end`; `words` is what it shows, `numbers` are the sources that follow it."""

    start: int
    end: int
    words: str
    numbers: tuple[int, ...]


def find(markdown: str, language: str = "en") -> list[Span]:
    """The sentences of the prose, in order; headings and the list of sources are left out."""
    found: list[Span] = []
    for block in _BLOCK.finditer(prose.before_sources(markdown)):
        if not _NOT_PROSE.match(block.group()):
            found += _in_block(block.group(), block.start(), language)
    return found


def _in_block(block: str, offset: int, language: str) -> Iterator[Span]:
    text = _PREFIX.sub(lambda match: " " * len(match.group()), block).replace("\n", " ")
    at = 0
    stretches: list[tuple[int, int, tuple[int, ...]]] = []
    for marker in prose.CITATION.finditer(text):
        if stretches and not text[at : marker.start()].strip():
            start, stop, numbers = stretches.pop()
            stretches.append((start, stop, (*numbers, int(marker[1]))))
        else:
            stretches.append((at, marker.start(), (int(marker[1]),)))
        at = marker.end()
    stretches.append((at, len(text), ()))
    for start, stop, numbers in stretches:
        yield from _in_stretch(_without_links(text[start:stop]), offset + start, numbers, language)


def _without_links(text: str) -> str:
    return _LINK_END.sub(lambda match: " " * len(match.group()), text)


def _in_stretch(text: str, offset: int, numbers: tuple[int, ...], language: str) -> Iterator[Span]:
    for sentence in sentences.split(text, language):
        words = plain(_EMPHASIS.sub(" ", sentence.text) if _EMPHASIS.search(sentence.text) else sentence.text)
        if _LETTER.search(words):
            yield Span(offset + sentence.start, offset + sentence.end, words, numbers)
