"""A comment's HTML as paragraphs of letters, and back. Nothing but `p`, `strong`, `em` and `br` comes out of here.

Strangers' HTML is read by a parser; what is written is built anew from the letters, so nothing is ever passed through.
"""

from __future__ import annotations

import html as escaping
import re
import unicodedata
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import groupby

import nh3

from stonehand.prompts import injection

STRONG, EM = 1, 2
STYLES = {"strong": STRONG, "b": STRONG, "em": EM, "i": EM}
BLOCKS = {
    "p", "div", "li", "ul", "ol", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "tr", "td", "section",
    "article", "hr",
}  # fmt: skip
DROPPED = {
    "script", "style", "template", "textarea", "title", "noscript", "iframe", "object", "embed", "svg", "math",
    "select", "button", "form", "head", "audio", "video", "canvas",
}  # fmt: skip
"""These go with all that is in them; of any other tag the words stay."""
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)
Letter = tuple[str, int]
Paragraph = list[Letter]
"""Letters with their style; a line break is the letter `\\n`."""


def read(text: str) -> list[Paragraph]:
    """The paragraphs of HTML, or of plain text, where every line is one. None of them is empty."""
    plain = visible(text).strip()
    if not _PARAGRAPH.search(plain):
        plain = "".join(f"<p>{line}</p>" for line in plain.splitlines())
    reader = _Reader()
    reader.feed(nh3.clean(plain, tags=BLOCKS | STYLES.keys() | {"br"}, attributes={}, clean_content_tags=DROPPED))
    reader.close()
    return [tidied for found in reader.paragraphs for tidied in _tidied(found)]


def visible(text: str) -> str:
    """The text without control characters and without those that nobody sees."""
    shown = injection.visible(text)
    return "".join(each for each in shown if each in "\n\r\t" or unicodedata.category(each) not in {"Cc", "Cs", "Co"})


class _Reader(HTMLParser):
    """Reads what the sanitiser left, which is well formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[Paragraph] = [[]]
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "br":
            self.paragraphs[-1].append(("\n", 0))
        elif tag in STYLES:
            self.open.append(tag)
        else:
            self.paragraphs.append([])

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            self.open.reverse()
            self.open.remove(tag)
            self.open.reverse()
        elif tag not in STYLES:
            self.paragraphs.append([])

    def handle_data(self, data: str) -> None:
        style = 0
        for tag in self.open:
            style |= STYLES[tag]
        self.paragraphs[-1] += [(" " if letter.isspace() else letter, style) for letter in data]


def _tidied(found: Paragraph) -> list[Paragraph]:
    """Single spaces, none beside a line break; two breaks end a paragraph. Empty ones are gone."""
    made: list[Paragraph] = [[]]
    for letter in _single(found):
        if letter[0] == "\n" and made[-1] and made[-1][-1][0] == "\n":
            made[-1].pop()
            made.append([])
        elif letter[0] != "\n" or made[-1]:
            made[-1].append(letter)
    if made[-1] and made[-1][-1][0] == "\n":
        made[-1].pop()
    return [each for each in made if each]


def _single(found: Paragraph) -> Paragraph:
    made: Paragraph = [("\n", 0)]
    for letter, style in found:
        if letter == "\n" and made[-1][0] == " ":
            made.pop()
        if letter != " " or made[-1][0] not in " \n":
            made.append((letter, style if letter not in " \n" else 0))
    if made[-1][0] == " ":
        made.pop()
    return made[1:]


def words(found: Paragraph) -> str:
    """What a reader sees of it, on one line."""
    return "".join(" " if letter == "\n" else letter for letter, _ in found)


def without(found: Paragraph, spans: Sequence[tuple[int, int]]) -> list[Paragraph]:
    """What is left of a paragraph without these parts, which are in order; perhaps nothing."""
    kept = list(found)
    for start, end in reversed(spans):
        kept[start:end] = [(" ", 0)]
    return _tidied(kept)


def reworded(found: Paragraph, spans: Sequence[tuple[int, int]], by: str) -> list[Paragraph]:
    """A paragraph with other words in these places, which are in order. They have the style that all of a place had."""
    made = list(found)
    for start, end in reversed(spans):
        style = STRONG | EM
        for letter, each in found[start:end]:
            style &= style if letter in " \n" else each
        made[start:end] = [(letter, style) for letter in by]
    return _tidied(made)


def written(found: list[Paragraph]) -> str:
    """As HTML."""
    return "".join(f"<p>{_inside(each)}</p>" for each in found)


def _inside(found: Paragraph) -> str:
    return "".join(_styled("".join(each for each, _ in run), style) for style, run in groupby(_joined(found), _style))


def _style(letter: Letter) -> int:
    return letter[1]


def _joined(found: Paragraph) -> Paragraph:
    """Spaces take the style of what is on both sides, so that a bold phrase is one."""
    made = list(found)
    for at, (letter, _) in enumerate(found):
        if letter in " \n" and 0 < at < len(found) - 1:
            made[at] = (letter, found[at - 1][1] & found[at + 1][1])
    return made


def _styled(text: str, style: int) -> str:
    shown = escaping.escape(text, quote=False).replace("\n", "<br>")
    shown = f"<em>{shown}</em>" if style & EM else shown
    return f"<strong>{shown}</strong>" if style & STRONG else shown
