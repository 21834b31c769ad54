"""Learning from a person's judgements, and agreeing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stonehand.nlp import lexical
from stonehand.rubrics import agreeing, calibration
from stonehand.rubrics.calibration import Example
from stonehand.rubrics.errors import TooFewLabels

NAMES = ["harbour", "opera"]
TEXTS = {"harbour": "ships and cranes at the quay number {}", "opera": "singers and arias on the stage number {}"}


def examples(count: int, wrong: float = 0.5) -> list[Example]:
    """Articles that the rubric itself cannot tell apart."""
    made = []
    for number in range(count):
        label = NAMES[number % 2]
        text = TEXTS[label].format(number)
        offline = {"harbour": wrong, "opera": 1 - wrong}
        made.append(Example(str(number), text, "en", lexical.hashed([text])[0], label, None, offline))
    return made


def test_labels_are_learnt_and_measured_on_articles_not_seen() -> None:
    taught = calibration.teach_choice(examples(40, 0.9), NAMES)
    assert taught.report["accuracy"] >= 0.9 > taught.report["before_accuracy"] == 0.5
    assert taught.report["kappa"] > 0.8
    assert taught.report["majority_accuracy"] == 0.5
    row = calibration.features("arias on the stage", "en", lexical.hashed(["arias on the stage"])[0], None, NAMES)
    shares = calibration.shares(taught.weights, row, NAMES)
    assert shares["opera"] > shares["harbour"]
    assert sum(shares.values()) == pytest.approx(1, abs=0.001)


def test_what_cannot_be_learnt_does_not_agree_by_chance() -> None:
    random = np.random.default_rng(5)
    mixed = [replace(each, label=NAMES[int(random.integers(2))]) for each in examples(60)]
    assert calibration.teach_choice(mixed, NAMES).report["kappa"] < 0.4


@pytest.mark.parametrize("count", [0, 4, 11])
def test_too_few_judgements_are_refused_with_what_there_is(count: int) -> None:
    with pytest.raises(TooFewLabels, match="needs 12 judged articles"):
        calibration.teach_choice(examples(count), NAMES)


def test_one_label_alone_teaches_nothing() -> None:
    with pytest.raises(TooFewLabels, match="40 for opera"):
        calibration.teach_choice([replace(each, label="opera") for each in examples(40)], NAMES)


def test_a_line_corrects_scores() -> None:
    ours = [float(score) for score in range(20, 80, 3)]
    said = [
        Example(str(at), "", "en", np.zeros(0, np.float32), "", 0.5 * each + 40, each) for at, each in enumerate(ours)
    ]
    taught = calibration.teach_sum(said)
    assert calibration.corrected(taught.weights, 50.0) == pytest.approx(65, abs=0.5)
    assert taught.report["distance"] < 0.5 < taught.report["before_distance"]
    assert calibration.corrected(taught.weights, 1000.0) == 100.0
    with pytest.raises(TooFewLabels, match="there are 3"):
        calibration.teach_sum(said[:3])


def test_kappa() -> None:
    assert agreeing.kappa(["a", "b"], ["a", "b"]) == 1
    assert agreeing.kappa(["a", "a", "b", "b"], ["a", "b", "a", "b"]) == 0
    assert agreeing.kappa(["a"], ["a"]) == 0
    assert agreeing.kappa([], []) == agreeing.accuracy([], []) == agreeing.distance([], []) == 0
    # Cohen 1960: 0.7 observed, 0.41 by chance
    left = ["a"] * 25 + ["a"] * 10 + ["b"] * 15 + ["b"] * 50
    right = ["a"] * 25 + ["b"] * 10 + ["a"] * 15 + ["b"] * 50
    chance = (35 * 40 + 65 * 60) / 100**2
    assert agreeing.kappa(left, right) == pytest.approx((0.75 - chance) / (1 - chance), abs=0.001)
