"""The labelled texts, and that the preset agrees with them even without a model."""

from __future__ import annotations

from collections import Counter

from benchmarks import agreement

from stonehand.nlp import lexical
from stonehand.rubrics import agreeing, rubric_presets, scoring


def test_the_texts_are_many_different_and_fairly_halved() -> None:
    rows = agreement.gold()
    assert len(rows) >= 100
    assert len({row["text"] for row in rows}) == len({row["id"] for row in rows}) == len(rows)
    assert {row["phase"] for row in rows} == {"BE", "DO", "HAVE"}
    assert {row["difficulty"] for row in rows} == {"Beginner", "Intermediate", "Advanced"}
    assert Counter(row["language"] for row in rows)["de"] >= 20
    tune, held = (Counter(row["phase"] for row in agreement.gold(half)) for half in ("tune", "held"))
    assert all(abs(tune[phase] - held[phase]) <= 1 for phase in tune)


def test_the_preset_agrees_beyond_chance_without_a_model() -> None:
    rows, rubric = agreement.gold("held"), rubric_presets.definition("be-do-have")
    vectors = lexical.hashed([row["text"] for row in rows])
    says = [
        scoring.score(agreement.subject(row, vector), rubric, lexical.hashed).label
        for row, vector in zip(rows, vectors, strict=True)
    ]
    truth = [row["phase"] for row in rows]
    assert agreeing.kappa(says, truth) > 0.7
    assert agreeing.accuracy(says, truth) > agreeing.accuracy([agreement._by_words(row, rubric) for row in rows], truth)
