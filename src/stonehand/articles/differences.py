"""What changed between two texts, in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

PIECE = re.compile(r"\S+|\s+")
MOST_COMPARED = 4_000_000  # pairs of words; two larger passages are told as one gone and one come
Kind = Literal["same", "added", "removed"]


@dataclass(frozen=True)
class Part:
    """A stretch of text that both have, or only the newer (`added`) or the older (`removed`)."""

    kind: Kind
    text: str


def differences(older: str, newer: str) -> list[Part]:
    """Parts in order. Without those that were removed they are `newer`, without those added `older`.

    Passages are compared first, so that the cost of a long text is that of what changed in it.
    """
    return _joined(_compared(older.splitlines(keepends=True), newer.splitlines(keepends=True), by_words=True))


def _compared(older: Sequence[str], newer: Sequence[str], *, by_words: bool) -> Iterator[Part]:
    for tag, start, end, new_start, new_end in SequenceMatcher(None, older, newer, autojunk=False).get_opcodes():
        gone, come = "".join(older[start:end]), "".join(newer[new_start:new_end])
        if tag == "equal":
            yield Part("same", gone)
        elif by_words and gone and come:
            yield from _words(PIECE.findall(gone), PIECE.findall(come))
        else:
            yield from (Part("removed", gone), Part("added", come))


def _words(gone: list[str], come: list[str]) -> Iterator[Part]:
    if len(gone) * len(come) > MOST_COMPARED:
        yield from (Part("removed", "".join(gone)), Part("added", "".join(come)))
    else:
        yield from _bridged(list(_compared(gone, come, by_words=False)))


def _bridged(parts: list[Part]) -> Iterator[Part]:
    """Blanks alone between two changes belong to them: changed phrases are read as phrases."""
    for at, part in enumerate(parts):
        lonely = part.kind == "same" and not part.text.strip() and 0 < at < len(parts) - 1
        if lonely and "\n" not in part.text:
            yield from (Part("removed", part.text), Part("added", part.text))
        else:
            yield part


def _joined(parts: Iterator[Part]) -> list[Part]:
    """Parts of one kind together; of what was replaced the old stands before the new."""
    found = list[Part]()
    for is_same, group in groupby((part for part in parts if part.text), key=lambda part: part.kind == "same"):
        listed = list(group)
        kinds: tuple[Kind, ...] = ("same",) if is_same else ("removed", "added")
        texts = ((kind, "".join(part.text for part in listed if part.kind == kind)) for kind in kinds)
        found += [Part(kind, text) for kind, text in texts if text]
    return found


def shortened(parts: Sequence[Part], around: int = 120) -> list[Part]:
    """The same with long stretches that did not change cut to what stands around the changes."""
    return [part if part.kind != "same" else Part("same", _cut(part.text, around)) for part in parts]


def _cut(text: str, around: int) -> str:
    return text if len(text) <= 2 * around + 20 else f"{text[:around]} […] {text[-around:]}"
