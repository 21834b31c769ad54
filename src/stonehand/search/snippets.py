"""The part of a text where a search found its words, with those words marked."""

from __future__ import annotations

from collections.abc import Sequence

from stonehand.search import folding
from stonehand.search.tree import Words

LOOKED_AT = 30_000  # characters of the text
WIDE = 260  # characters of the part
Piece = tuple[str, bool]


def snippet(text: str, wanted: Sequence[Words]) -> list[Piece]:
    """Pieces of the best part of `text`, and whether each is a word that was looked for; the start if none is."""
    text = text[:LOOKED_AT]
    hits = _hits(text, wanted)
    start = _start(text, hits)
    end = min(len(text), start + WIDE)
    if end < len(text):
        end = max(text.rfind(" ", start, end), start + WIDE // 2)
    pieces: list[Piece] = [("… ", False)] if start else []
    at = start
    for left, right, _ in hits:
        if at <= left and right <= end:
            pieces += [(text[at:left], False), (text[left:right], True)]
            at = right
    pieces += [(text[at:end], False), (" …" if end < len(text) else "", False)]
    return [(" ".join(words.split()) if not words.strip() else words.replace("\n", " "), hit) for words, hit in pieces]


def _hits(text: str, wanted: Sequence[Words]) -> list[tuple[int, int, str]]:
    """Where words stand that were looked for, and their forms. Each different word of the text is judged once."""
    exact = {word for each in wanted for word in (each.words[:-1] if each.is_start else each.words)}
    starts = tuple(each.words[-1] for each in wanted if each.is_start)
    near = exact | {f"{word}s" for word in exact}
    fitting = {}
    for written in set(folding.WORD.findall(text)) if near or starts else ():
        if (
            written.isascii()
            and (low := written.lower()[: folding.LONGEST_WORD]) not in near
            and not low.startswith(starts)
        ):
            continue  # most end here: nothing but a plural can be folded to another word
        forms = folding.forms(written)
        if not exact.isdisjoint(forms) or (starts and any(form.startswith(starts) for form in forms)):
            fitting[written] = forms[0]
    if not fitting:
        return []
    return [(at.start(), at.end(), fitting[at[0]]) for at in folding.WORD.finditer(text) if at[0] in fitting]


def _start(text: str, hits: Sequence[tuple[int, int, str]]) -> int:
    """Where the part begins that holds the most different words."""
    best, at = 0, 0
    for index, (left, _, _) in enumerate(hits[:200]):
        kinds = len({word for begin, _, word in hits[index : index + 30] if begin - left < WIDE - 60})
        if kinds > best:
            best, at = kinds, left
    if at < WIDE // 2:
        return 0
    line = text.rfind("\n", at - 80, at)
    return line + 1 if line >= 0 else text.rfind(" ", 0, at - 40) + 1
