"""Lays sentences out as Markdown: paragraphs with numbered references, then the list of sources."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from stonehand.drafts import markup
from stonehand.drafts.escaping import escape
from stonehand.drafts.pieces import SourceText
from stonehand.nlp.prose import SOURCES_HEADINGS

Line = tuple[str, tuple[int, ...]]
"""A plain sentence and the numbers of its sources."""


@dataclass(frozen=True)
class Part:
    """A paragraph, or a list with one line in each item; perhaps under a heading of level 2 or 3."""

    lines: tuple[Line, ...]
    heading: str = ""
    level: int = 2
    is_list: bool = False


@dataclass(frozen=True)
class Layout:
    """The Markdown, where each sentence stands in it, and its sources with their new numbers, from 1."""

    markdown: str
    places: tuple[tuple[int, int], ...]
    sources: tuple[SourceText, ...]


def compose(
    paragraphs: Sequence[Sequence[Line]],
    sources: Sequence[SourceText],
    language: str = "en",
    headings: Sequence[str] = (),
) -> Layout:
    """Lay out paragraphs of lines, each under its heading if there are some.

    Sources are numbered anew, in the order in which the text first names them.
    """
    parts = [Part(tuple(lines), headings[at] if headings else "") for at, lines in enumerate(paragraphs)]
    return lay_out(parts, sources, language)


def lay_out(parts: Sequence[Part], sources: Sequence[SourceText], language: str = "en") -> Layout:
    """Lay out paragraphs and lists, perhaps under headings; sources are numbered as in `compose`."""
    used = _renumbered([part.lines for part in parts], sources)
    text, places = "", []
    for part in parts:
        text += "\n\n" if text else ""
        text += f"{'#' * part.level} {escape(part.heading)}\n\n" if part.heading else ""
        for at, (sentence, numbers) in enumerate(part.lines):
            text += ("\n" if part.is_list else " ") if at else ""
            text += "- " if part.is_list else ""
            start = len(text)
            text += escape(sentence)
            places.append((start, len(text)))
            text += "".join(f" {_reference(used[number])}" for number in dict.fromkeys(numbers) if number in used)
    return Layout(text + list_of_sources(list(used.values()), language), tuple(places), tuple(used.values()))


def _renumbered(paragraphs: Sequence[Sequence[Line]], sources: Sequence[SourceText]) -> dict[int, SourceText]:
    by_number = {source.number: source for source in sources}
    named = dict.fromkeys(number for paragraph in paragraphs for _, numbers in paragraph for number in numbers)
    known = [number for number in named if number in by_number]
    return {old: replace(by_number[old], number=new) for new, old in enumerate(known, 1)}


def _reference(source: SourceText) -> str:
    target = markup.citable(source.url)
    return f"[[{source.number}]]({target})" if target else f"[{source.number}]"


def list_of_sources(sources: Sequence[SourceText], language: str) -> str:
    """The end of a text: its sources by their numbers, under a heading in its language."""
    if not sources:
        return "\n"
    heading = SOURCES_HEADINGS.get(language, SOURCES_HEADINGS["en"])
    return f"\n\n## {heading}\n\n" + "\n".join(_line(source) for source in sources) + "\n"


def _line(source: SourceText) -> str:
    title, target = escape(source.title) or "—", markup.citable(source.url)
    linked = f"[{title}]({target})" if target else title
    day = f", {source.published_at:%Y-%m-%d}" if source.published_at else ""
    outlet = f", {escape(source.outlet)}" if source.outlet else ""
    return f"{source.number}. {linked}{outlet}{day}"
