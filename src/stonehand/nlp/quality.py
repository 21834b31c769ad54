"""The quality of a text by what can be counted: length, substance, language, sentences, tone and title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stonehand.nlp import language, lexical, readability, sentiment
from stonehand.nlp.spans import Span
from stonehand.nlp.stopwords import stopwords

KEEP = 0.6  # of a text of 500 to 5,000 words
SHORTEST, LONGEST = 500, 5000


@dataclass(frozen=True)
class Part:
    """One criterion: what it gave of what it can give, why, where that can be seen, and how it would give more."""

    name: str
    points: float
    most: float
    reason: str
    evidence: tuple[Span, ...] = ()
    advice: str = ""


@dataclass(frozen=True)
class Quality:
    """`score` is 0 to 1, the sum of its parts; `kept` says whether length and score are good enough."""

    score: float
    kept: bool
    parts: tuple[Part, ...]


def read(
    title: str,
    text: str,
    spoken: str = "",
    wanted: Sequence[str] = ("en",),
    tone: sentiment.Sentiment | None = None,
    easy: readability.Readability | None = None,
) -> Quality:
    """The quality of a text, which is in the language `spoken` (found out if empty), for readers of `wanted` ones.

    `tone` and `easy` spare measuring again what is known already.
    """
    code = spoken or language.detect(f"{title}\n{text}").code
    words = lexical.words(text)
    parts = (
        _length(len(words)),
        _substance(words, code),
        _language(code, wanted),
        _sentences(easy or readability.read(text, code)),
        _tone(tone or sentiment.read(text, code)),
        _title(title),
    )
    score = round(sum(part.points for part in parts), 4)
    return Quality(score, SHORTEST <= len(words) <= LONGEST and score >= KEEP, parts)


def _length(words: int) -> Part:
    points = 0.3 if 500 <= words <= 3000 else 0.2 if 300 <= words <= 5000 else 0.1 if words > 5000 else 0.0
    return Part("length", points, 0.3, f"{words:,} words; 500 to 3,000 are best")


def _substance(words: Sequence[str], code: str) -> Part:
    """The share of words that are no stop words."""
    ignored = stopwords(code)
    share = sum(word.lower() not in ignored for word in words) / max(len(words), 1)
    points = 0.2 if share > 0.6 else 0.1 if share > 0.4 else 0.0
    return Part("substance", points, 0.2, f"{share:.0%} of the words carry meaning; over 60% is best")


def _language(code: str, wanted: Sequence[str]) -> Part:
    return Part("language", 0.2 if code in wanted else 0.0, 0.2, f"it is in {code}; wanted is {' or '.join(wanted)}")


def _sentences(easy: readability.Readability) -> Part:
    mean = easy.counted.words_a_sentence
    points = 0.1 if 10 <= mean <= 20 else 0.05 if 0 < mean < 10 else 0.0
    return Part("sentences", points, 0.1, f"{mean:.1f} words a sentence; 10 to 20 are best", easy.hard)


def _tone(tone: sentiment.Sentiment) -> Part:
    bad = tuple(each.span for each in tone.evidence if each.value < 0)[:5] if tone.compound < -0.1 else ()
    reason = f"tone {tone.compound:+.2f}" if tone.known else "no word list for this language; taken as neutral"
    return Part("tone", 0.1 if tone.compound >= -0.1 else 0.0, 0.1, f"{reason}; -0.10 and above is fine", bad)


def _title(title: str) -> Part:
    length = len(title.strip())
    return Part("title", 0.1 if length > 10 else 0.0, 0.1, f"the title has {length} characters; over 10 is fine")
