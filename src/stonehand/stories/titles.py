"""Which member's headline names a story."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stonehand.nlp.vectors import Row, unit

SHORTEST, LONGEST = 20, 110  # characters of a headline that tells something and fits
PENALTY = 0.15


def choose(titles: Sequence[str], vectors: Row) -> str:
    """The headline of the article nearest to the middle of all; among equals the first.

    `vectors` is [titles, width], rows of length 1. Headlines that are very short or long, shout or ask lose a little.
    """
    central = vectors @ unit(vectors.mean(axis=0))
    scores = [float(near) - PENALTY * _flaws(title) for title, near in zip(titles, central, strict=True)]
    return titles[int(np.argmax(np.round(scores, 4)))]


def _flaws(title: str) -> int:
    letters = [character for character in title if character.isalpha()]
    shouts = len(letters) > 10 and sum(map(str.isupper, letters)) > 0.7 * len(letters)
    return (not SHORTEST <= len(title) <= LONGEST) + shouts + title.endswith("?") + 3 * (not title.strip())
