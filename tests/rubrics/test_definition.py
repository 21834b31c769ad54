"""What a rubric may say, and what is said of one that makes no sense."""

from __future__ import annotations

from typing import Any

import pytest

from stonehand.rubrics import rubric_presets
from stonehand.rubrics.definition import Band, band
from stonehand.rubrics.errors import RubricInvalid
from stonehand.rubrics.presets import presets

SUM: dict[str, Any] = {"kind": "sum", "criteria": [{"name": "Ease", "measure": "ease"}]}


def test_presets_are_sound() -> None:
    found = {each.slug: rubric_presets.read(each.definition) for each in presets()}
    assert set(found) == {
        "be-do-have", "content-quality", "cultural-relevance", "curator-score", "readability", "search-engines",
    }  # fmt: skip
    assert found["be-do-have"].names == ["BE", "DO", "HAVE"]
    assert found["be-do-have"].access == {"Intermediate": 60, "Advanced": 80}
    assert [each.name for each in found["be-do-have"].gauges[0].bands] == ["Beginner", "Intermediate", "Advanced"]
    weights = {each.name: each.weight for each in found["curator-score"].criteria}
    assert weights == {
        "Readability": 0.12, "Entity density": 0.12, "Sentiment neutrality": 0.12, "Relevance": 0.2,
        "Recency": 0.12, "Reputation": 0.12, "Coherence": 0.2,
    }  # fmt: skip
    assert sum(weights.values()) == pytest.approx(1)
    assert sum(each.weight for each in found["search-engines"].criteria) == 100
    assert sum(each.weight for each in found["content-quality"].criteria) == 100


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "kind: Field required"),
        (SUM | {"colour": 1}, "colour"),
        (SUM | {"criteria": []}, "criteria"),
        ({"kind": "sum", "criteria": [{"name": "A", "measure": "magic"}]}, "no measure 'magic'; they are label, "),
        ({"kind": "sum", "criteria": [{"name": "A"}]}, "'A' needs a description"),
        ({"kind": "choice", "criteria": [{"name": "A", "description": "x"}]}, "needs two criteria"),
        (
            {"kind": "choice", "criteria": [{"name": "A", "description": "x"}, {"name": "B", "measure": "ease"}]},
            "every criterion is a label",
        ),
        (SUM | {"criteria": [*SUM["criteria"], *SUM["criteria"]]}, "two criteria or gauges are called 'Ease'"),
        (SUM | {"criteria": [{"name": "A", "description": "x", "features": {"wit": 1}}]}, "no feature 'wit'"),
        (SUM | {"gauges": [{"name": "G"}]}, "the gauge 'G' needs a measure"),
        (SUM | {"criteria": [{"name": "A", "measure": "ease", "weight": 0}]}, "criteria.0.weight"),
        ([], "its top"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(wrong: Any, said: str) -> None:
    with pytest.raises(RubricInvalid, match=said.replace(".", r"\.")):
        rubric_presets.read(wrong)


def test_bands() -> None:
    bands = [Band(name="high", from_score=80), Band(name="low", from_score=0), Band(name="middle", from_score=40)]
    assert [band(bands, score) for score in (0, 39.9, 40, 80, 100)] == ["low", "low", "middle", "high", "high"]
    assert band([Band(name="high", from_score=80)], 10) == ""
