"""Who, where, when and how much: names, dates and sums by rules and word lists, with where they stand; no model.

Made for English and German. In German, where every noun has a capital, only what a list or a rule knows is a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stonehand.nlp.lexical import WORD
from stonehand.nlp.spans import Span
from stonehand.nlp.stopwords import stopwords

CHARACTERS = 30_000  # about 5,000 words; the rest of a very long text names little that is new
LONGEST = 6  # words of one name
PERSON, ORGANISATION, PLACE, DATE, MONEY, OTHER = "person", "organisation", "place", "date", "money", "other"
KINDS = (PERSON, ORGANISATION, PLACE, DATE, MONEY, OTHER)
JOINING = frozenset(
    {"of", "de", "del", "di", "da", "la", "le", "van", "von", "der", "den", "zu", "zur", "al", "el", "y"}
)
GAP = re.compile(r"[ \u00a0]|[ \u00a0]?&[ \u00a0]?|\.[ \u00a0]")
STARTS = re.compile(r"[.!?:\"“”„\n]")
_NUMBER = r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"
_LARGE = (
    r"thousand|million|billion|trillion|Tausend|Millionen|Million|Milliarden|Milliarde|Billionen|Mio\.?|Mrd\.?|bn|m|k"
)
_COIN = r"dollars?|US-Dollars?|euros?|pounds?|Euros?|Pfund|Franken|francs?|yen|Yen|rubles?|Rubel|zloty|USD|EUR|GBP|CHF"
MONEYS = re.compile(
    rf"(?:US)?[$€£¥]\s?(?:{_NUMBER})(?:[ -]?(?:{_LARGE})\b)?"
    rf"|(?<![\w.,])(?:{_NUMBER})[ -]?(?:(?:{_LARGE})[ -])?(?:(?:{_COIN})\b|[€$£])"
)


@dataclass(frozen=True)
class Entity:
    """One thing that a text names, under its longest name, and every place where it does."""

    kind: str
    text: str
    spans: tuple[Span, ...]

    @property
    def count(self) -> int:
        """How often it is named."""
        return len(self.spans)


@dataclass(frozen=True)
class Entities:
    """What a text names, most often named first, and how densely."""

    found: tuple[Entity, ...]
    mentions: int
    per_hundred_words: float


@dataclass(frozen=True)
class _Mention:
    kind: str
    span: Span


@cache
def _list(kind: str) -> frozenset[str]:
    text = files(__package__).joinpath("entities.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        name, colon, words = line.partition(":")
        if colon and name == kind:
            return frozenset(word.strip() for word in words.split(","))
    raise KeyError(kind)


@cache
def _dates() -> re.Pattern[str]:
    months = "|".join(sorted((month.capitalize() for month in _list("month")), key=len, reverse=True))
    day, year = r"\d{1,2}(?:st|nd|rd|th|\.)?", r"(?:19|20)\d{2}"
    return re.compile(
        rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}\.\s?\d{{1,2}}\.\s?{year}\b|\b\d{{1,2}}/\d{{1,2}}/{year}\b"
        rf"|\b(?:{day}\s(?:of\s)?)(?:{months})\b\.?(?:,?\s{year}\b)?"
        rf"|\b(?:{months})\b\.?\s(?:{day}\b(?:,?\s{year}\b)?|{year}\b)"
        rf"|(?<![\d.,$€£-])\b{year}\b(?![.,]?\d|\s?[%€$£])"
    )


def find(text: str, language: str = "en") -> Entities:
    """The people, organisations, places, dates, sums and (in English) other names of a text; linear in its length."""
    whole = text[:CHARACTERS]
    fixed = sorted(
        [*_matches(DATE, _dates(), whole), *_matches(MONEY, MONEYS, whole)], key=lambda each: each.span.start
    )
    named = list(_names(whole, language, [each.span for each in fixed]))
    mentions = [*fixed, *named]
    words = sum(1 for _ in WORD.finditer(whole))
    return Entities(_merged(mentions), len(mentions), round(100 * len(mentions) / max(words, 1), 2))


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[_Mention]:
    for match in pattern.finditer(text):
        yield _Mention(kind, Span(match.start(), match.end(), match.group()))


# ── names ──


@dataclass(frozen=True)
class _Word:
    text: str
    low: str
    start: int
    end: int
    first: bool  # of its sentence


def _names(text: str, language: str, taken: list[Span]) -> Iterator[_Mention]:
    """Every run of capitalised words that a rule can name; none inside a date or a sum."""
    inside = {at for span in taken for at in range(span.start, span.end)}
    runs = [run for run in _runs(text, language) if run[0].start not in inside]
    sure = {word.low for run in runs for word in run if not word.first}
    people: set[str] = set()
    for run in runs:
        words = _without_opening(run, sure | people, language)
        kind = _kind(words, text, language, sure) if words else ""
        if len(words) == 1 and words[0].low in people:
            kind = PERSON
        if kind:
            kept = _without_titles(words) if kind == PERSON else words
            yield _Mention(kind, Span(kept[0].start, kept[-1].end, text[kept[0].start : kept[-1].end]))
            people |= {kept[-1].low} if kind == PERSON else set()


def _runs(text: str, language: str) -> Iterator[list[_Word]]:
    """Capitalised words that stand together, with small joining words only between two of them."""
    run: list[_Word] = []
    waiting: list[_Word] = []
    before = 0
    for match in WORD.finditer(text):
        gap, word = text[before : match.start()], match.group()
        this = _Word(
            word, word.lower().removesuffix("'s").removesuffix("’s"), match.start(), match.end(), _opens(gap, before)
        )
        tied = bool(run) and _tied(gap, (waiting or run)[-1].text)
        before = match.end()
        if run and (not tied or len(run) == LONGEST):
            yield run
            run, waiting = [], []
        if _capital(this, language):
            run, waiting = [*run, *waiting, this], []
        elif run and word in JOINING and not waiting and language != "de":
            waiting = [this]
        elif run:
            yield run
            run, waiting = [], []
    if run:
        yield run


def _opens(gap: str, before: int) -> bool:
    return before == 0 or bool(STARTS.search(gap))


def _tied(gap: str, last: str) -> bool:
    """Whether two words may be one name: a blank between them, or `Dr. X`, `J. Smith`."""
    if not GAP.fullmatch(gap):
        return False
    return not gap.startswith(".") or len(last) == 1 or (len(last) < 5 and last.lower() in _list("title"))


def _capital(word: _Word, language: str) -> bool:
    if not word.text[0].isupper() or word.low in _list("no_name"):
        return False
    return word.low not in stopwords(language) or (word.text.isupper() and len(word.text) > 1)


def _without_opening(run: list[_Word], sure: set[str], language: str) -> list[_Word]:
    """A run without a first word that is only capitalised since it opens the sentence."""
    head = run[0]
    known = head.low in _list("first") | _list("title") | _list("place") | _list("organisation_name") | _list(
        "place_first"
    )
    if not head.first or known or head.low in sure or _acronym(head) or (len(run) > 1 and language != "de"):
        later = [at for at, word in enumerate(run) if at and word.low in _list("first")]
        return run[later[0] :] if later and not known and head.first else run
    return run[1:]


def _without_titles(words: list[_Word]) -> list[_Word]:
    at = next((at for at, word in enumerate(words) if word.low not in _list("title")), 0)
    return words[at:]


def _acronym(word: _Word) -> bool:
    return (
        2 <= len(word.text) <= 6 and word.text.isupper() and word.text.isalpha() and word.low not in _list("no_acronym")
    )


def _kind(words: list[_Word], text: str, language: str, sure: set[str]) -> str:
    """Which kind of thing a run names; empty for none that we can tell."""
    lows = [word.low for word in words]
    if lows[0] in _list("title"):
        rest = _without_titles(words)
        return PERSON if rest is not words and len(rest) <= 4 and _proper(rest[0], language) else ""
    if " ".join(lows) in _list("place"):
        return PLACE
    if _organisation(words, lows):
        return ORGANISATION
    if len(words) > 1 and lows[0] in _list("first"):
        return PERSON
    if len(words) > 1 and (lows[-1] in _list("place_word") or lows[0] in _list("place_first")):
        return PLACE if language != "de" or lows[0] not in {"bad", "see"} else ""
    return _english_kind(words, text, sure) if language == "en" else ""


def _proper(word: _Word, language: str) -> bool:
    """A title before a German noun of another kind, such as `Frau Angst`, cannot be told apart; so be it."""
    return word.text[:1].isupper() and word.low not in stopwords(language)


def _organisation(words: list[_Word], lows: list[str]) -> bool:
    if any(low in _list("organisation_name") for low in lows):
        return True
    if len(words) > 1 and (lows[-1] in _list("organisation") or lows[0] in _list("organisation")):
        return True
    if any(_acronym(word) and word.low not in _list("place") for word in words):
        return not all(word.text.isupper() for word in words) or len(words) == 1
    return any(len(low) > len(end) + 2 and low.endswith(end) for low in lows for end in _list("organisation_ending"))


def _english_kind(words: list[_Word], text: str, sure: set[str]) -> str:
    """A name of which no list knows: a place after `in` or `near`, else another name if it is not a lone opening."""
    before = text[max(0, words[0].start - 6) : words[0].start].lower()
    if before.endswith((" in ", " near ")) or before in {"in ", "near "}:
        return PLACE
    lone = len(words) == 1 and words[0].first and words[0].low not in sure
    slight = len(words) == 1 and (len(words[0].text) < 3 or words[0].low in _list("title"))
    return "" if lone or slight else OTHER


# ── the same thing named again ──


def _merged(mentions: list[_Mention]) -> tuple[Entity, ...]:
    """Mentions of one thing together: of the same words, or the last name of a person named in full."""
    full: dict[str, str] = {}
    for each in mentions:
        if each.kind == PERSON:
            for word in (each.span.text.split()[-1], each.span.text.split()[0]):
                if len(each.span.text) > len(full.get(word.lower(), "")):
                    full[word.lower()] = each.span.text
    groups: dict[tuple[str, str], list[Span]] = {}
    for each in sorted(mentions, key=lambda each: each.span.start):
        kind, name = each.kind, each.span.text.removesuffix("'s").removesuffix("’s")
        if kind in {PERSON, OTHER} and name.lower() in full:
            kind, name = PERSON, full[name.lower()]
        groups.setdefault((kind, name), []).append(each.span)
    found = [Entity(kind, name, tuple(spans)) for (kind, name), spans in groups.items()]
    return tuple(sorted(found, key=lambda each: (-each.count, each.spans[0].start)))
