"""The curator score: which parts there are, what they come to, and its weights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stonehand.curation import scoring
from stonehand.curation.errors import WeightsUnfit
from stonehand.curation.weights import PARTS, STANDARD, Weights, checked, of_json
from stonehand.rubrics import rubric_presets
from stonehand.rubrics import scoring as rubrics
from stonehand.rubrics.definition import Profile
from stonehand.rubrics.subjects import Subject
from tests.rubrics.test_scoring import embed

NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)
TEXT = "The harbour bridge closed on Thursday after inspectors found cracks in its bearings. Ferries run."
ARTICLE = Subject(
    id="one",
    title="Harbour bridge closes after cracks are found",
    text=TEXT,
    language="en",
    now=NOW,
    host="post.example",
    published_at=NOW - timedelta(days=7),
    vector=embed([TEXT])[0],
)


def test_every_part_has_a_reason() -> None:
    parts = scoring.card(ARTICLE, "harbour bridge", Weights())
    assert list(parts) == list(PARTS)
    assert parts["recency"].value == 50
    assert all(part.reason and 0 <= part.value <= 100 for part in parts.values())


def test_without_a_topic_two_parts_are_missing_and_their_weights_go_to_the_rest() -> None:
    parts = scoring.card(ARTICLE, "", Weights())
    assert set(PARTS) - set(parts) == {"relevance", "coherence"}
    scores = {name: part.value for name, part in parts.items()}
    assert scoring.overall(scores, Weights()) == pytest.approx(sum(scores.values()) / 5, abs=0.01)


def test_the_half_life_is_the_topics_own_and_trust_is_somebodys() -> None:
    weights = checked(half_life=7, half_lives={"election": 1.0}, doubted=["post.example"])
    parts = scoring.card(ARTICLE, "the Election night", weights)
    assert parts["recency"].value == pytest.approx(100 / 2**7, abs=0.01)
    assert parts["reputation"].value == 25


@pytest.mark.parametrize("it", [ARTICLE, replace(ARTICLE, published_at=None, author="Ada", language="fr")])
def test_the_rubric_and_a_curation_say_the_same(it: Subject) -> None:
    topic = "harbour bridge"
    preset = rubric_presets.definition("curator-score")
    assert [each.weight for each in preset.criteria] == list(STANDARD.values())
    found = rubrics.score(it, preset.model_copy(update={"profile": Profile(topic=topic)}), embed)
    parts = scoring.card(it, topic, Weights(), embed([topic])[0])
    assert [part.value for part in found.parts] == [round(part.value, 1) for part in parts.values()]
    scores = {name: part.value for name, part in parts.items()}
    assert found.score == pytest.approx(scoring.overall(scores, Weights()), abs=0.1)


def test_the_standard_weights_sum_to_one() -> None:
    assert sum(STANDARD.values()) == pytest.approx(1)
    assert checked() == Weights()
    assert of_json(checked(half_life=3, trusted=["www.Post.example"]).as_json()).trusted == ("post.example",)


def test_missing_weights_share_what_is_left() -> None:
    parts = checked({"relevance": 0.6}).parts
    assert parts["relevance"] == pytest.approx(0.6)
    assert sum(parts.values()) == pytest.approx(1, abs=1e-5)
    assert parts["coherence"] / parts["recency"] == pytest.approx(0.2 / 0.12, rel=1e-3)
    assert checked({"ner_density": 1.0}).parts["entities"] == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"parts": dict(STANDARD) | {"recency": 0.5}}, "sum to 1"),
        ({"parts": dict.fromkeys(PARTS, 0.0)}, "sum to"),
        ({"parts": {"relevance": 1.2}}, "from 0 to 1"),
        ({"parts": {"relevance": float("nan")}}, "from 0 to 1"),
        ({"parts": {"relevance": "much"}}, "from 0 to 1"),
        ({"parts": {"charm": 0.1}}, "not a part"),
        ({"half_life": 0}, "half-life"),
        ({"half_lives": {"x": -1}}, "half-life"),
        ({"trusted": ["a b"]}, "no host"),
        ({"trusted": ["a.example"], "doubted": ["a.example"]}, "both"),
        ({"trusted": [f"{n}.example" for n in range(501)]}, "at most"),
    ],
)
def test_weights_that_cannot_be_say_why(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(WeightsUnfit, match=words):
        checked(**wrong)


def test_weights_near_one_are_put_right() -> None:
    assert sum(checked(dict(STANDARD) | {"recency": 0.125}).parts.values()) == pytest.approx(1, abs=1e-5)
