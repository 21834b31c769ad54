"""How easy a text is to read: the published formulas of each language, and the sentences that make it hard."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from stonehand.nlp import sentences
from stonehand.nlp.lexical import WORD
from stonehand.nlp.spans import Span

WORDS = 4000  # a very long text is as easy as its first 4,000 words
LONG_WORD = 6  # letters; LIX counts words with more
VOWELS = {
    "de": r"(?:eu|äu|au|ei|ai|ie|[aeiouyäöü])",
    "es": r"(?:[iuü][aeoáéó]|[aeoáéó][iuü]|ui|iu|[aeiouáéíóúüy])",
    "it": r"(?:[iu][aeoàèéòù]|[aeoàèéò][iu]|[aeiouàèéìòù])",
    "fr": r"[aeiouyàâäéèêëîïôöùûüœæ]+",
    "nl": r"(?:aa|ee|oo|uu|ij|ei|ui|ou|au|eu|oe|ie|[aeiouyëïöü])",
    "pl": r"(?:i[aeouóąę]|[aeiouyóąę])",
}
ANY_VOWELS = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœąęő]+")
_PATTERNS = {code: re.compile(pattern) for code, pattern in VOWELS.items()}
SILENT = re.compile(r"(?:[^laeiouy]e|[^aeioudt]ed|[^aeioucgsxz]es)$")


@dataclass(frozen=True)
class Counted:
    """What the formulas are made of. Averages are per sentence or per word; shares are 0 to 1."""

    words: int
    sentences: int
    syllables: int
    letters: int
    long_words: int  # of more than six letters
    hard_words: int  # of three or more syllables
    short_words: int  # of one syllable
    longest_words: int = 0  # of four or more syllables

    @property
    def words_a_sentence(self) -> float:
        """Average length of a sentence."""
        return self.words / max(self.sentences, 1)

    @property
    def syllables_a_word(self) -> float:
        """Average length of a word."""
        return self.syllables / max(self.words, 1)

    def share(self, words: int) -> float:
        """Part of all words."""
        return words / max(self.words, 1)


@dataclass(frozen=True)
class Readability:
    """`ease` is 0 (hardest) to 100 (easiest) by `formula`; `grades` are school years; `hard` the hardest sentences."""

    ease: float
    formula: str
    grades: dict[str, float]
    lix: float
    counted: Counted
    hard: tuple[Span, ...]


def _flesch(base: float, sentence: float, word: float) -> Callable[[Counted], float]:
    return lambda it: base - sentence * it.words_a_sentence - word * it.syllables_a_word


def _gulpease(it: Counted) -> float:
    return 89 + (300 * it.sentences - 10 * it.letters) / max(it.words, 1)


def _pisarek(it: Counted) -> float:
    """Pisarek's index by its linear formula, about the years of school that a Polish text takes."""
    return (it.words_a_sentence + 100 * it.share(it.longest_words)) / 3 + 1


def _ease_of_pisarek(it: Counted) -> float:
    """Our straight line through two marks of Flesch's: 8.5 years of school are 65, 16 are about 31."""
    return 103.25 - 4.5 * _pisarek(it)


EASE: dict[str, tuple[str, Callable[[Counted], float]]] = {
    "en": ("Flesch 1948", _flesch(206.835, 1.015, 84.6)),
    "de": ("Amstad 1978", _flesch(180, 1, 58.5)),
    "fr": ("Kandel-Moles 1958", _flesch(207, 1.015, 73.6)),
    "es": ("Szigriszt-Pazos 1992", _flesch(206.835, 1, 62.3)),
    "nl": ("Flesch-Douma 1960", _flesch(206.84, 0.93, 77)),
    "it": ("Gulpease 1988", _gulpease),
    "pl": ("Pisarek 1969", _ease_of_pisarek),
}
BY_LIX = "LIX (Björnsson 1968)"


def _lix(it: Counted) -> float:
    return it.words_a_sentence + 100 * it.share(it.long_words)


def _ease_of_lix(lix: float) -> float:
    """Our straight line between two of Björnsson's marks: 25 (children's books) is 90, 60 (very hard) is 20."""
    return 140 - 2 * lix


def _english_grades(it: Counted) -> dict[str, float]:
    """Kincaid et al. 1975; Gunning 1952; McLaughlin 1969; Coleman and Liau 1975; Smith and Senter 1967."""
    sentence, hard = it.words_a_sentence, it.share(it.hard_words)
    letters = it.letters / max(it.words, 1)
    return {
        "flesch_kincaid": 0.39 * sentence + 11.8 * it.syllables_a_word - 15.59,
        "gunning_fog": 0.4 * (sentence + 100 * hard),
        "smog": 1.043 * (it.hard_words * 30 / max(it.sentences, 1)) ** 0.5 + 3.1291,
        "coleman_liau": 5.88 * letters - 29.6 / max(sentence, 1) - 15.8,
        "ari": 4.71 * letters + 0.5 * sentence - 21.43,
    }


def _german_grades(it: Counted) -> dict[str, float]:
    """Wiener Sachtextformel 1 (Bamberger and Vanecek 1984)."""
    hard, long, short = (100 * it.share(each) for each in (it.hard_words, it.long_words, it.short_words))
    return {
        "wiener_sachtextformel": 0.1935 * hard + 0.1672 * it.words_a_sentence + 0.1297 * long - 0.0327 * short - 0.875
    }


def _polish_grades(it: Counted) -> dict[str, float]:
    """Pisarek 1969, linear; Gunning's index with the hard words of Polish, which have four syllables or more."""
    hardest = 100 * it.share(it.longest_words)
    return {"pisarek": _pisarek(it), "gunning_fog": 0.4 * (it.words_a_sentence + hardest)}


GRADES = {"en": _english_grades, "de": _german_grades, "pl": _polish_grades}


@lru_cache(maxsize=32_768)
def syllables(word: str, language: str = "en") -> int:
    """The syllables of a word by its groups of vowels, at least 1; in English without a silent e."""
    low = word.lower()
    if language != "en":
        return max(1, len(_PATTERNS.get(language, ANY_VOWELS).findall(low)))
    low = low.removesuffix("'s").removesuffix("’s")
    found = len(ANY_VOWELS.findall(low))
    return max(1, found - 1 if found > 1 and SILENT.search(low) else found)


def read(text: str, language: str = "en", hardest: int = 3) -> Readability:
    """The readability of a text's first 4,000 words; a language without a formula of its own is measured by LIX."""
    parts = sentences.split(_beginning(text), language)
    found = [[word for word in WORD.findall(part.text) if not word[0].isdigit()] for part in parts]
    counted = _count([words for words in found if words], language)
    lix = _lix(counted) if counted.words else 0.0
    formula, ease = EASE.get(language, (BY_LIX, lambda it: _ease_of_lix(_lix(it))))
    return Readability(
        ease=round(min(100.0, max(0.0, ease(counted))), 1) if counted.words else 0.0,
        formula=formula,
        grades={name: round(max(0.0, grade), 1) for name, grade in _grades(counted, language).items()},
        lix=round(lix, 1),
        counted=counted,
        hard=_hardest(parts, found, hardest),
    )


def _grades(counted: Counted, language: str) -> dict[str, float]:
    known = GRADES.get(language)
    return known(counted) if known and counted.words else {}


def _beginning(text: str) -> str:
    """Up to about 4,000 words, cheaply: by characters, to the end of a line or of a word."""
    most = WORDS * 7
    return text if len(text) <= most else text[:most].rpartition(" ")[0]


def _count(found: Sequence[Sequence[str]], language: str) -> Counted:
    words = [word for each in found for word in each]
    lengths = [syllables(word, language) for word in words]
    return Counted(
        words=len(words),
        sentences=len(found),
        syllables=sum(lengths),
        letters=sum(map(len, words)),
        long_words=sum(len(word) > LONG_WORD for word in words),
        hard_words=sum(length >= 3 for length in lengths),
        short_words=lengths.count(1),
        longest_words=sum(length >= 4 for length in lengths),
    )


def _hardest(parts: Sequence[sentences.Sentence], found: Sequence[Sequence[str]], most: int) -> tuple[Span, ...]:
    """The longest sentences of more than 20 words, in order of the text."""
    longest = sorted(range(len(parts)), key=lambda at: -len(found[at]))[:most]
    chosen = sorted(at for at in longest if len(found[at]) > 20)
    return tuple(Span(parts[at].start, parts[at].end, parts[at].text) for at in chosen)
