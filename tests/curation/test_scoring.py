"""The curator score: its seven parts by their formulas, and its weights."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stonehand.curation import reputation, scoring
from stonehand.curation.errors import WeightsUnfit
from stonehand.curation.scoring import Facts
from stonehand.curation.weights import PARTS, STANDARD, Weights, checked, of_json

NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)
FACTS = Facts(
    title="Harbour bridge closes after cracks are found",
    text="The harbour bridge closed on Thursday after inspectors found cracks in its bearings. Ferries run.",
    language="en",
    host="post.example",
    author=None,
    published_at=NOW - timedelta(days=7),
    words=149,
    ease=60.0,
    names_per_hundred=2.5,
    tone=-0.3,
    phrases=[("harbour bridge", 4.0), ("ferries", 2.0), ("bearings", 1.0)],
)


def test_parts_follow_their_formulas() -> None:
    parts = scoring.card(FACTS, "harbour bridge", Weights(), NOW)
    assert list(parts) == list(PARTS)
    assert parts["readability"].score == pytest.approx((50 + 60) / 2)
    assert parts["entities"].score == 25
    assert parts["neutrality"].score == 70
    assert parts["recency"].score == 50
    assert parts["reputation"].score == 50
    assert parts["coherence"].score == pytest.approx(40 + 60 * 1.0)
    assert parts["relevance"].score == 100
    assert "title" in parts["relevance"].reason
    assert all(part.reason for part in parts.values())


def test_without_a_topic_two_parts_are_missing_and_their_weights_go_to_the_rest() -> None:
    parts = scoring.card(FACTS, "", Weights(), NOW)
    assert set(PARTS) - set(parts) == {"relevance", "coherence"}
    scores = {name: part.score for name, part in parts.items()}
    assert scoring.overall(scores, Weights()) == pytest.approx(sum(scores.values()) / 5, abs=0.01)


def test_what_nobody_knows_is_neutral() -> None:
    parts = scoring.card(replace(FACTS, published_at=None, tone=None, ease=None), "", Weights(), NOW)
    assert (parts["recency"].score, parts["neutrality"].score) == (50, 50)
    assert parts["readability"].score == 50
    future = scoring.recency(NOW + timedelta(days=3), NOW, 7)
    assert future.score == 100


def test_the_half_life_is_the_topics_own() -> None:
    weights = checked(half_life=7, half_lives={"election": 1.0})
    assert scoring.card(FACTS, "the Election night", weights, NOW)["recency"].score == pytest.approx(
        100 / 2**7, abs=0.01
    )
    assert scoring.card(FACTS, "bridges", weights, NOW)["recency"].score == 50


def test_meaning_can_say_what_words_do_not() -> None:
    assert scoring.relevance(FACTS, "traffic").score < 20
    near = scoring.relevance(replace(FACTS, nearness=0.62), "traffic")
    assert (near.score, near.reason) == (62, "nearest to the topic by meaning")
    assert scoring.relevance(replace(FACTS, nearness=-0.5, title="", text=""), "traffic").score == 0


def test_coherence_looks_at_words_and_phrases() -> None:
    assert scoring.coherence(FACTS, "harbour tunnel").score == pytest.approx(40 / 2 + 60 * 0.5)
    assert scoring.coherence(FACTS, "football").score == 0
    assert "no word" in scoring.coherence(FACTS, "the of and").reason


@pytest.mark.parametrize(
    ("host", "score"),
    [
        ("reuters.com", 85),
        ("graphics.reuters.com", 80),
        ("www.reuters.com", 85),
        ("cdc.gov", 90),
        ("nhs.gov.uk", 90),
        ("mit.edu", 90),
        ("ox.ac.uk", 88),
        ("nature.com", 88),
        ("notreuters.com", 50),
        ("blog.example", 50),
        ("", 50),
    ],
)
def test_hosts_have_a_reputation(host: str, score: float) -> None:
    assert reputation.judge(host, None).score == score


def test_trust_and_doubt_of_somebody_here_go_first_and_an_unknown_author_drags_nothing() -> None:
    assert reputation.judge("blog.example", None, trusted=("blog.example",)).score == 85
    assert reputation.judge("reuters.com", None, doubted=("reuters.com",)).score == 25
    assert reputation.judge("reuters.com", "Ada").score == pytest.approx(0.7 * 85 + 0.3 * 70)
    assert "doubts" in reputation.judge("a.reuters.com", None, doubted=("reuters.com",)).reason


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
