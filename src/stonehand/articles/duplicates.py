"""Telling copies from other texts on the same event, by four layers: address, words, runs of words, word counts.

Exact: the same words, whatever the address. Near: MinHash finds candidates (locality-sensitive hashing, Jaccard about
0.3), and the shared three-word shingles of candidate and text decide (containment >= 0.6). Another text on the same
event shares few. The cosine of the word counts is a second signal: where it is high, a containment of 0.45 is enough,
since who replaces every sixth word of a text breaks half of its shingles. It never decides alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from hashlib import blake2b, sha256
from math import sqrt
from struct import Struct
from typing import Any, Literal

from rensa import RMinHash

from stonehand.articles.words import words, words_of_article

CONTAINMENT = 0.6
EDITED, ALIKE = 0.45, 0.85  # containment that is enough if the cosine of the word counts is at least that
BANDS, ROWS = 42, 3  # half of the pairs with Jaccard (1/42)^(1/3) = 0.29 meet in a band; 97 % of those with 0.43
SEED = 20  # part of the stored bands: changing it or the numbers above asks for new bands everywhere
FEWEST_SHINGLES = 8  # shorter texts are only compared as a whole
MOST_WORDS = 5000  # of each text are compared; bounds what one comparison can cost
SIGNED, PACKED = Struct(">q"), Struct(f">{1 + ROWS}I")

Kind = Literal["exact_url", "exact_text", "near", "person"]


@dataclass(frozen=True)
class Evidence:
    """Why an article is a copy of the article `original_id`.

    `containment` is the share of the shorter text's shingles (runs of three words) found in the other, 0 to 1;
    `cosine` that of their word counts. `person`: somebody said so, whatever the texts say.
    """

    kind: Kind
    original_id: str
    containment: float
    shared_shingles: int
    cosine: float | None = None
    same_text: bool = False
    same_address: bool = False

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Fingerprint:
    """What is needed to compare a text with others: made once, outside of any transaction."""

    text_hash: str
    word_count: int
    bands: tuple[int, ...]
    compared: tuple[str, ...]

    @cached_property
    def shingles(self) -> frozenset[str]:
        """Every run of three words."""
        return frozenset(shingles(self.compared))


def fingerprint(text: str) -> Fingerprint:
    """Hash, count and bands of a text. A text under eight shingles has no bands."""
    found = words_of_article(text)
    compared = found[:MOST_WORDS]
    return Fingerprint(
        text_hash=sha256(" ".join(found).encode()).hexdigest(),
        word_count=len(found),
        bands=bands(_runs(compared)),
        compared=compared,
    )


def of_stored(text: str, text_hash: str) -> Fingerprint:
    """What comparing with a stored text needs: its words. Its bands are stored, and it is not sought by them now."""
    found = words(text)
    return Fingerprint(text_hash, len(found), (), tuple(found[:MOST_WORDS]))


def shingles(found: Sequence[str]) -> set[str]:
    """Every run of three words."""
    return set(_runs(found))


def _runs(found: Sequence[str]) -> list[str]:
    """The same in order, and as often as they occur."""
    return list(map(" ".join, zip(found, found[1:], found[2:], strict=False)))


def bands(runs: list[str]) -> tuple[int, ...]:
    """42 signed 64-bit numbers; two texts that share one are candidates. Empty for a text too short to judge.

    `runs` are its runs of three words; it makes no difference how often one occurs.
    """
    if len(set(runs[:100])) < FEWEST_SHINGLES and len(set(runs)) < FEWEST_SHINGLES:  # most texts need the first alone
        return ()
    sketch = RMinHash(num_perm=BANDS * ROWS, seed=SEED)
    sketch.update(runs)
    digest = sketch.digest()
    return tuple(_number(band, digest[band * ROWS : (band + 1) * ROWS]) for band in range(BANDS))


def _number(band: int, row: list[int]) -> int:
    number: int = SIGNED.unpack(blake2b(PACKED.pack(band, *row), digest_size=8).digest())[0]
    return number


def compare(one: Fingerprint, other: Fingerprint) -> tuple[float, int]:
    """Containment of the shorter text in the other, and how many shingles they share."""
    shared = len(one.shingles & other.shingles)
    shorter = min(len(one.shingles), len(other.shingles))
    return (shared / shorter if shorter else 0.0), shared


def cosine(one: Fingerprint, other: Fingerprint) -> float:
    """Of their word counts, 0 to 1: high if they speak with the same words, in whatever order."""
    first, second = Counter(one.compared), Counter(other.compared)
    dot = sum(count * second[word] for word, count in first.items())
    lengths = sum(count**2 for count in first.values()) * sum(count**2 for count in second.values())
    return dot / sqrt(lengths) if lengths else 0.0


def measured(
    kind: Kind, original_id: str, one: Fingerprint, other: Fingerprint, same_address: bool = False
) -> Evidence:
    """What each layer says of a copy `one` and its original `other`."""
    same = one.text_hash == other.text_hash
    containment, shared = (1.0, len(one.shingles)) if same else compare(one, other)
    alike = round(cosine(one, other), 4)
    return Evidence(kind, original_id, round(containment, 4), shared, alike, same, same_address)


def _is_copy(containment: float, shared: int, one: Fingerprint, other: Fingerprint) -> bool:
    if shared < FEWEST_SHINGLES * CONTAINMENT or containment < EDITED:
        return False
    return containment >= CONTAINMENT or cosine(one, other) >= ALIKE


def judge(one: Fingerprint, others: Sequence[tuple[str, Fingerprint]], same_url: frozenset[str]) -> Evidence | None:
    """The best evidence that `one` is a copy of one of `others` (id, fingerprint), or None.

    Of equally good originals the first wins. An address alone proves nothing: sites declare wrong ones.
    """
    best: tuple[float, str, Fingerprint] | None = None
    for identity, other in others:
        if one.text_hash == other.text_hash:
            kind: Kind = "exact_url" if identity in same_url else "exact_text"
            return measured(kind, identity, one, other, identity in same_url)
        containment, shared = compare(one, other)
        if _is_copy(containment, shared, one, other) and (best is None or containment > best[0]):
            best = containment, identity, other
    if best is None:
        return None
    _, identity, other = best
    return measured("exact_url" if identity in same_url else "near", identity, one, other, identity in same_url)
