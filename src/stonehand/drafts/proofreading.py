"""What code finds wrong with a model's words: sentence by sentence, and as a whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from stonehand.drafts import markup
from stonehand.drafts.pieces import SourceText
from stonehand.nlp import language as languages
from stonehand.prompts import injection

SHORTEST_QUOTE = 3  # words; less is a name or a scare quote
TOO_SHORT, TOO_LONG = 0.5, 1.7  # of the words that were wished for
SURE = 0.8
LONG_ENOUGH = 200  # characters that tell a language
SAME = 0.9  # share of words by which two sentences repeat each other
FEW_DIFFERENT = 0.3  # of all words of a text of a hundred words and more
_QUOTED = re.compile(r"“([^”“„]+)[”“]|„([^“”„]+)[“”]|«([^«»]+)»|»([^«»]+)«|(?<!\w)\"([^\"]+)\"")
_MARKDOWN = re.compile(r"\*\*|__|^\s*(?:#{1,6}\s|>\s|[-*+]\s|```)|`", re.MULTILINE)
_AS_MODEL = re.compile(
    r"\b(?:as an? (?:ai|artificial intelligence|(?:large )?language model)|i(?:['’]m| am) (?:sorry, but|an ai)|"
    r"i cannot (?:help|assist|comply|fulfil)|als (?:ki|künstliche intelligenz|sprachmodell)\b|"
    r"en tant qu['’](?:ia|intelligence artificielle|assistant)|como (?:modelo de lenguaje|una ia)|"
    r"jako (?:model językowy|sztuczna inteligencja)|come modello linguistico)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_WORD = re.compile(r"\w+")


def sentence(text: str, sources: Sequence[SourceText]) -> str:
    """What is wrong with a sentence; empty if nothing is."""
    return _words(text) or _quotes(text, sources)


def line(text: str, known: Collection[str]) -> str:
    """What is wrong with a title, a heading or a description; `known` are the numbers that the sources hold."""
    if not text.strip():
        return "is empty"
    return _words(text) or ("holds a number that stands in no source" if not numbers(text) <= set(known) else "")


def _words(text: str) -> str:
    if not text.strip():
        return "is empty"
    if injection.visible(text) != text:
        return "hides characters"
    if not markup.is_plain_prose(text):
        return "holds a link, HTML or a place that was never filled in"
    if _AS_MODEL.search(text):
        return "speaks as a model"
    if injection.suspicions(text):
        return "talks to machines"
    return "holds Markdown" if _MARKDOWN.search(text) else ""


def numbers(text: str) -> set[str]:
    """The numbers of a text, without thousands separators."""
    return {found.replace(",", "").rstrip(".") for found in _NUMBER.findall(text)}


def known_numbers(sources: Iterable[SourceText]) -> set[str]:
    """Every number that a source or its title holds."""
    return {number for source in sources for number in numbers(f"{source.title} {source.text}")}


def _quotes(text: str, sources: Sequence[SourceText]) -> str:
    said = [_flat(source.text) for source in sources]
    for quote in quotes(text):
        if not any(quote in each for each in said):
            return "quotes words that stand in no source"
    return ""


def quotes(text: str) -> Iterator[str]:
    """The quotations of three words and more, as they are compared: dots that leave something out part them."""
    for found in _QUOTED.finditer(text):
        inner = next(group for group in found.groups() if group)
        for part in re.split(r"\[…\]|\[\.\.\.\]|…|\.\.\.", inner):
            flat = _flat(part).strip(" .,;:!?")
            if len(flat.split()) >= SHORTEST_QUOTE:
                yield flat


def _flat(text: str) -> str:
    plain = re.sub(r"[’‘´`]", "'", re.sub(r"[“”„«»\"]", "", text))
    return " ".join(plain.casefold().split())


def repeated(texts: Sequence[str]) -> set[int]:
    """The places of sentences that say again what one before them said."""
    seen: list[frozenset[str]] = []
    found: set[int] = set()
    for at, text in enumerate(texts):
        words = frozenset(_WORD.findall(text.casefold()))
        if words and any(len(words & other) / len(words | other) >= SAME for other in seen):
            found.add(at)
        else:
            seen.append(words)
    return found


def whole(text: str, wanted: int, language: str) -> Iterator[str]:
    """What is wrong with a text as a whole: its length, its language, that it goes round in circles."""
    words = _WORD.findall(text.casefold())
    if wanted and not TOO_SHORT * wanted <= len(words) <= TOO_LONG * wanted:
        yield f"the text has {len(words)} words, and about {wanted} were asked for"
    if len(text) >= LONG_ENOUGH and language:
        found = languages.detect(text)
        if found.code not in (language, languages.UNKNOWN) and found.confidence >= SURE:
            yield f"the text is in another language ({found.code}) than was asked for ({language})"
    if len(words) >= 100 and len(set(words)) / len(words) < FEW_DIFFERENT:
        yield "the text repeats itself"
