"""How far two agree: accuracy, Cohen's kappa, mean distance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def accuracy(says: Sequence[str], truth: Sequence[str]) -> float:
    """The share on which they agree; 0 for none."""
    return round(sum(a == b for a, b in zip(says, truth, strict=True)) / len(truth), 4) if truth else 0.0


def kappa(says: Sequence[str], truth: Sequence[str]) -> float:
    """Agreement beyond chance, 1 at most (Cohen 1960); 0 where chance alone would agree on everything."""
    if not truth:
        return 0.0
    total, left, right = len(truth), Counter(says), Counter(truth)
    chance = sum(left[label] * right[label] for label in right) / (total * total)
    return round((accuracy(says, truth) - chance) / (1 - chance), 4) if chance < 1 else 0.0


def distance(says: Sequence[float], truth: Sequence[float]) -> float:
    """The mean absolute difference; 0 for none."""
    return round(sum(abs(a - b) for a, b in zip(says, truth, strict=True)) / len(truth), 2) if truth else 0.0
