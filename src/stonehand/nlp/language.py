"""Which language a text is in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from stonehand.nlp.lexical import WORD
from stonehand.nlp.stopwords import stopwords

UNKNOWN = "und"
CHARACTERS = 2000  # more than that does not change the answer
PLAIN = ("en", "de", "fr", "pl")  # whose stop words no sister language shares


@dataclass(frozen=True)
class Language:
    """An ISO 639-1 code (`und` if unknown), and how sure that is, 0 to 1."""

    code: str
    confidence: float


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  its model is only read when needed

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def release() -> None:
    """Drop the model of 97 languages, 75 MB; the next text that needs it loads it again."""
    _identifier.cache_clear()


def _by_stop_words(sample: str) -> Language | None:
    """The answer where it is plain: most texts then never load the model, which costs 75 MB of memory."""
    words = [word.lower() for word in WORD.findall(sample)]
    shares = {code: sum(map(stopwords(code).__contains__, words)) / max(len(words), 1) for code in PLAIN}
    best, second = sorted(PLAIN, key=lambda code: -shares[code])[:2]
    if len(words) < 20 or shares[best] < 0.3 or shares[best] < 3 * shares[second]:
        return None
    return Language(best, round(min(0.99, 0.6 + shares[best]), 4))


def detect(text: str) -> Language:
    """The language of a text, from its first 2,000 characters; `und` for one with fewer than 12 letters.

    Where a third of at least 20 words are stop words of a language that has no close sister, that is the answer, with
    0.6 plus this share as confidence; else a Bayesian model of 97 languages (Lui and Baldwin 2012) decides.
    """
    sample = text[:CHARACTERS]
    if sum(map(str.isalpha, sample)) < 12:
        return Language(UNKNOWN, 0.0)
    plain = _by_stop_words(sample)
    if plain:
        return plain
    code, confidence = _identifier().classify(sample)
    return Language(str(code), round(float(confidence), 4))
