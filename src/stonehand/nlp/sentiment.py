"""Whether a text speaks well or badly of things: words with a value, negation and emphasis, English and German."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from stonehand.nlp.lexical import WORD
from stonehand.nlp.spans import Span

WORDS = 3000
ENDS = re.compile(r"[.!?;\n]")
BEFORE = 3  # how many words back a negation or an emphasis reaches
FLIP = -0.74  # "not good" is less bad than "bad" (Hutto and Gilbert 2014)
EMPHASIS = 0.293  # what "very" adds to a value, from the same study
NORMAL = 15  # so that a compound of many words comes near to 1 without reaching it


@dataclass(frozen=True)
class Feeling:
    """One word that counted, with its value after negation and emphasis; below 0 is bad."""

    span: Span
    value: float


@dataclass(frozen=True)
class Sentiment:
    """`compound` is -1 (bad) to 1 (good). `known` is false for a language without a word list: then it is 0."""

    compound: float
    positive: int
    negative: int
    known: bool
    evidence: tuple[Feeling, ...]

    @property
    def label(self) -> str:
        """`positive` from 0.05 on, `negative` from -0.05 down (Hutto and Gilbert 2014), else `neutral`."""
        return "positive" if self.compound >= 0.05 else "negative" if self.compound <= -0.05 else "neutral"

    @property
    def neutrality(self) -> float:
        """0 (partial) to 1 (even): one minus the distance of the compound from zero."""
        return 1 - abs(self.compound)


@dataclass(frozen=True)
class _Lexicon:
    values: dict[str, float]
    negations: frozenset[str]
    emphases: dict[str, float]


@cache
def _lexicons() -> dict[str, _Lexicon]:
    """From lines `language kind: words`; the kind is a value, `not`, `more` or `less`."""
    text = files(__package__).joinpath("sentiment.txt").read_text(encoding="utf-8")
    rows: dict[str, dict[str, list[str]]] = {}
    for line in text.splitlines():
        head, colon, words = line.partition(":")
        if colon and not line.startswith("#"):
            language, kind = head.split()
            rows.setdefault(language, {}).setdefault(kind, []).extend(words.split())
    return {language: _lexicon(kinds) for language, kinds in rows.items()}


def _lexicon(kinds: dict[str, list[str]]) -> _Lexicon:
    special = ("not", "more", "less")
    values = {word: float(kind) for kind, words in kinds.items() if kind not in special for word in words}
    emphases = dict.fromkeys(kinds["more"], EMPHASIS) | dict.fromkeys(kinds["less"], -EMPHASIS)
    return _Lexicon(values, frozenset(kinds["not"]), emphases)


def languages() -> tuple[str, ...]:
    """The languages whose words we have."""
    return tuple(sorted(_lexicons()))


def read(text: str, language: str = "en", most: int = 12) -> Sentiment:
    """The sentiment of a text's first 3,000 words, with at most `most` words as evidence, strongest first.

    The compound is s / sqrt(s² + 15 n), s the sum of n values: VADER's (Hutto and Gilbert 2014) per word that counts,
    so that a long report does not become extreme by its length alone.
    """
    lexicon = _lexicons().get(language)
    if lexicon is None:
        return Sentiment(0.0, 0, 0, False, ())
    found = _feelings(text, lexicon)
    total = sum(each.value for each in found)
    positive = sum(each.value > 0 for each in found)
    strongest = sorted(found, key=lambda each: (-abs(each.value), each.span.start))[:most]
    compound = total / math.sqrt(total * total + NORMAL * len(found)) if found else 0.0
    return Sentiment(round(compound, 4), positive, len(found) - positive, True, tuple(strongest))


def _feelings(text: str, lexicon: _Lexicon) -> list[Feeling]:
    result: list[Feeling] = []
    before: list[str] = []
    last = 0
    for at, match in enumerate(WORD.finditer(text)):
        if at == WORDS:
            break
        word = match.group().lower()
        if ENDS.search(text, last, match.start()):
            before = []  # a negation ends with its sentence
        last = match.end()
        value = _value(word, lexicon)
        if value:
            span = Span(match.start(), match.end(), match.group())
            result.append(Feeling(span, round(_in_place(value, before[-BEFORE:], lexicon), 3)))
        before = [*before[-BEFORE:], word]
    return result


def _value(word: str, lexicon: _Lexicon) -> float:
    """Of the word itself, or of its form without a common ending."""
    found = lexicon.values.get(word)
    if found is not None:
        return found
    for ending in ("en", "er", "es", "em", "e", "s", "n"):
        if word.endswith(ending) and len(word) - len(ending) > 3 and word[: -len(ending)] in lexicon.values:
            return lexicon.values[word[: -len(ending)]]
    return 0.0


def _in_place(value: float, before: list[str], lexicon: _Lexicon) -> float:
    """The value after the words before it: emphasis fades with distance, a negation turns it round."""
    for distance, word in enumerate(reversed(before)):
        added = lexicon.emphases.get(word, 0.0) * (1, 0.95, 0.9)[distance]
        value += math.copysign(added, value) if added > 0 else -math.copysign(-added, value)
    negated = any(word in lexicon.negations or word.endswith(("n't", "n’t")) for word in before)
    return value * FLIP if negated else value
