"""Learning from a person's judgements: multinomial logistic regression on vectors and words, in numpy; no clock.

For a choice it learns the labels, for a sum a straight line from our score to theirs. How well it agrees is measured
on articles that it has not seen, by cross-validation, beside the rubric as it was.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp import labels, lexical, vectors
from stonehand.rubrics import agreeing
from stonehand.rubrics.errors import TooFewLabels

LEAST = 12  # judgements
LEAST_A_LABEL = 3
HASHES = 1024
FOLDS = 5
RIDGE, ROUNDS, RATE = 1.0, 300, 1.0
PRIOR = 2.0  # how much the rubric's own shares count beside what was learnt
Matrix = NDArray[np.float32]
Shares = Mapping[str, float]


@dataclass(frozen=True)
class Example:
    """An article that somebody judged. `offline` is what the rubric says of it: shares of labels, or its score."""

    id: str
    text: str
    language: str
    vector: Matrix
    label: str = ""
    score: float | None = None
    offline: Shares | float = 0.0


@dataclass(frozen=True)
class Taught:
    """What was learnt; `weights` is [features, labels] for a choice, [2] for a sum."""

    labels: list[str]
    weights: Matrix
    report: dict[str, Any]


def features(text: str, language: str, vector: Matrix, offline: Shares | None, names: Sequence[str]) -> Matrix:
    """float32: the vector, hashed words (Weinberger et al. 2009), the rubric's own log shares, and 1."""
    row = np.zeros(HASHES, dtype=np.float32)
    for term, count in lexical.counts(text[:20_000], language).items():
        row[zlib.crc32(term.encode()) % HASHES] += 1 + np.log(count)
    own = np.log([max((offline or {}).get(name, 0.0), 0.01) for name in names])
    own = PRIOR * (own - own.mean())
    wide = vector if len(vector) else np.zeros(lexical.WIDTH, dtype=np.float32)
    return np.concatenate([2 * wide, vectors.unit(row), own.astype(np.float32), np.ones(1, dtype=np.float32)])


def teach_choice(examples: Sequence[Example], names: Sequence[str]) -> Taught:
    """Learn the labels. Raises `TooFewLabels` unless there are twelve judgements, three for each of two labels."""
    known = [name for name in names if sum(each.label == name for each in examples) >= LEAST_A_LABEL]
    used = [each for each in examples if each.label in known]
    if len(used) < LEAST or len(known) < 2:
        raise TooFewLabels(
            f"a calibration needs {LEAST} judged articles and {LEAST_A_LABEL} for each of two labels;"
            f" there are {_counted(examples)}; judge some more on their pages"
        )
    rows = np.stack([_row(each, names) for each in used])
    truth = np.array([names.index(each.label) for each in used])
    weights = _fit(rows, truth, len(names))
    seen = [names[at] for at in truth]
    unseen = _cross_validated(rows, truth, len(names))
    before = [max(each.offline, key=each.offline.__getitem__) for each in used if isinstance(each.offline, Mapping)]
    report = _report(seen, [names[at] for at in unseen], before)
    return Taught(list(names), weights, report)


def _counted(examples: Sequence[Example]) -> str:
    counts = Counter(each.label for each in examples)
    return ", ".join(f"{count} for {label}" for label, count in sorted(counts.items())) or "none"


def _row(each: Example, names: Sequence[str]) -> Matrix:
    offline = each.offline if isinstance(each.offline, Mapping) else None
    return features(each.text, each.language, each.vector, offline, names)


def _fit(rows: Matrix, truth: NDArray[np.int_], count: int) -> Matrix:
    """Softmax regression by gradient descent with momentum, ridge on all but the last column."""
    wanted = np.eye(count, dtype=np.float32)[truth]
    weights = np.zeros((rows.shape[1], count), dtype=np.float32)
    weights[-1 - count : -1] = np.eye(count, dtype=np.float32) / PRIOR  # begin with what the rubric says by itself
    start, speed = weights.copy(), np.zeros_like(weights)
    for _ in range(ROUNDS):
        odds = rows @ weights
        shares = np.exp(odds - odds.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        slope = rows.T @ (shares - wanted) / len(rows) + RIDGE * 0.02 * (weights - start)
        speed = 0.9 * speed - 0.1 * RATE * slope
        weights = weights + speed
    return np.asarray(weights, dtype=np.float32)


def _cross_validated(rows: Matrix, truth: NDArray[np.int_], count: int) -> list[int]:
    """What is said of each row by what the other folds teach. Folds take turns within each label."""
    fold = np.zeros(len(truth), dtype=int)
    for label in set(truth.tolist()):
        own = np.flatnonzero(truth == label)
        fold[own] = np.arange(len(own)) % FOLDS
    says = np.zeros(len(truth), dtype=int)
    for held in range(FOLDS):
        rest, out = fold != held, fold == held
        if out.any():
            says[out] = (rows[out] @ _fit(rows[rest], truth[rest], count)).argmax(axis=1)
    return [int(each) for each in says]


def _report(truth: Sequence[str], unseen: Sequence[str], before: Sequence[str]) -> dict[str, Any]:
    most = Counter(truth).most_common(1)[0][0]
    return {
        "accuracy": agreeing.accuracy(unseen, truth),
        "kappa": agreeing.kappa(unseen, truth),
        "before_accuracy": agreeing.accuracy(before, truth),
        "before_kappa": agreeing.kappa(before, truth),
        "majority_accuracy": agreeing.accuracy([most] * len(truth), truth),
        "examples": len(truth),
    }


def teach_sum(examples: Sequence[Example]) -> Taught:
    """Learn a line from our score to theirs by least squares, its slope kept between 0 and 3. Raises `TooFewLabels`."""
    used = [each for each in examples if each.score is not None and isinstance(each.offline, (int, float))]
    if len(used) < LEAST:
        raise TooFewLabels(f"a calibration needs {LEAST} judged articles; there are {len(used)}; judge some more")
    ours = np.array([float(each.offline) for each in used if not isinstance(each.offline, Mapping)])
    theirs = np.array([float(each.score or 0.0) for each in used])
    at = np.arange(len(used)) % FOLDS
    unseen = np.zeros(len(used))
    for held in range(FOLDS):
        if (at == held).any():
            unseen[at == held] = _along(_line(ours[at != held], theirs[at != held]), ours[at == held])
    report = {
        "distance": agreeing.distance(list(unseen), list(theirs)),
        "before_distance": agreeing.distance(list(ours), list(theirs)),
        "majority_distance": agreeing.distance([float(theirs.mean())] * len(used), list(theirs)),
        "examples": len(used),
    }
    return Taught([], _line(ours, theirs), report)


def _line(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> Matrix:
    spread = float(((ours - ours.mean()) ** 2).sum())
    slope = float(((ours - ours.mean()) * (theirs - theirs.mean())).sum()) / spread if spread > 1e-9 else 0.0
    slope = min(3.0, max(0.0, slope))
    return np.array([slope, theirs.mean() - slope * ours.mean()], dtype=np.float32)


def _along(line: Matrix, ours: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.clip(line[0] * ours + line[1], 0.0, 100.0), dtype=np.float64)


def corrected(line: Matrix, ours: float) -> float:
    """A score as a person would give it."""
    return round(float(_along(line, np.array([ours]))[0]), 1)


def shares(taught: Matrix, row: Matrix, names: Sequence[str]) -> dict[str, float]:
    """Each label's share by what was learnt."""
    found = labels.softmax(list(row @ taught))
    return {name: round(float(share), 4) for name, share in zip(names, found, strict=True)}


Teach = Callable[[Sequence[Example]], Taught]
