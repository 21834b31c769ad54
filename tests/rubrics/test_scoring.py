"""Scores explain themselves: each measure by its formula, each choice with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from stonehand.nlp import lexical, seo
from stonehand.rubrics import measures, rubric_presets, scoring
from stonehand.rubrics.definition import Criterion, Profile
from stonehand.rubrics.features import FEATURES
from stonehand.rubrics.scoring import Learnt
from stonehand.rubrics.subjects import Matrix, Subject
from tests.rubrics.conftest import BE, DO, HAVE

NOW = datetime(2026, 5, 17, 12, tzinfo=UTC)


def embed(texts: Sequence[str]) -> Matrix:
    return lexical.hashed(texts)


def subject(text: str, language: str = "en", title: str = "Title", **facts: Any) -> Subject:
    return Subject("one", title, text, language, NOW, vector=embed([text])[0], model="lexical", **facts)


def measured(name: str, it: Subject, profile: Profile | None = None, **criterion: Any) -> float:
    known = Criterion(name="X", measure=name, **criterion)
    return measures.MEASURES[name](it, known, profile or Profile(), embed).value


def test_a_reason_repeats_a_long_description_in_part_and_says_so() -> None:
    about = "A farmer of the upper dale who grew up by the river Skarn and speaks German."
    found = measures.nearness(subject(BE), Criterion(name="X"), Profile(description=about), embed)
    assert found.reason == "nearness of meaning to “A farmer of the upper dale who grew up by the river Skarn…”"
    placed = measures.MEASURES["places"](
        subject("At the Skarn."), Criterion(name="X"), Profile(places=["Skarn"]), embed
    )
    assert placed.reason == "1 mention of the profile's places"


@pytest.mark.parametrize(("text", "phase"), [(BE, "BE"), (DO, "DO"), (HAVE, "HAVE")])
def test_be_do_have(text: str, phase: str) -> None:
    found = scoring.score(subject(text), rubric_presets.definition("be-do-have"), embed)
    assert found.label == phase
    assert found.score == max(part.value for part in found.parts)
    assert sum(part.value for part in found.parts) == pytest.approx(100, abs=0.3)
    assert found.confidence == pytest.approx(found.score / 100, abs=0.001)
    evidence = next(part for part in found.parts if part.name == phase).evidence
    assert evidence
    assert all(text[span.start : span.end] == span.text for part in found.parts for span in part.evidence)
    assert {gauge.name for gauge in found.gauges} == {
        "Difficulty", "Actionability", "Income impact", "Professional development",
    }  # fmt: skip


def test_an_unsure_choice_asks_for_a_person() -> None:
    found = scoring.score(subject("Lorem ipsum dolor sit amet."), rubric_presets.definition("be-do-have"), embed)
    assert found.confidence < 0.7
    assert "a person should look" in found.note


def test_weights_and_learnt_shares_move_a_choice() -> None:
    plain = rubric_presets.definition("be-do-have")
    first = scoring.score(subject(BE), plain, embed).parts[0].value
    heavy = plain.model_copy(
        update={"criteria": [plain.criteria[0].model_copy(update={"weight": 9}), *plain.criteria[1:]]}
    )
    assert scoring.score(subject(BE), heavy, embed).parts[0].value > first
    taught = Learnt(shares={"one": {"BE": 0.1, "DO": 0.2, "HAVE": 0.7}})
    found = scoring.score(subject(BE), plain, embed, taught)
    assert (found.label, found.method, found.score) == ("HAVE", "calibrated", 70.0)


@pytest.mark.parametrize(
    "slug", ["content-quality", "readability", "curator-score", "cultural-relevance", "search-engines"]
)
@pytest.mark.parametrize("text", ["", "x", BE, HAVE * 30, "## A\n\n- b\n\n" * 9])
def test_every_sum_stays_on_its_scale_and_is_the_weighted_mean(slug: str, text: str) -> None:
    known = rubric_presets.definition(slug)
    found = scoring.score(subject(text), known, embed)
    mean = sum(part.value * part.weight for part in found.parts) / sum(part.weight for part in found.parts)
    assert found.score == pytest.approx(mean, abs=0.05)
    assert 0 <= found.score <= 100
    assert all(0 <= part.value <= 100 and part.reason for part in found.parts)


def test_topics_and_hosts_are_the_criterions_and_the_profiles() -> None:
    topic, other = Profile(topic="harbour bridge repair"), Profile(topic="opera singers of Vienna")
    it = subject("The harbour bridge needs repair. Bridge repair at the harbour will take months. " * 3)
    for name in ("relevance", "coherence"):
        assert measured(name, it, topic) > measured(name, it, other) + 30, name
        assert measured(name, it) == 50
    assert measured("length", it, options={"full": 10}) == 100
    known = subject("x", host="post.example", published_at=NOW - timedelta(days=2))
    assert measured("reputation", known) == 50
    assert measured("reputation", known, options={"trusted": "other.example Post.example"}) == 85
    assert measured("recency", known, options={"half_life_days": 1}) == pytest.approx(25)


def test_the_readers_profile() -> None:
    it = subject("Families in Leipzig keep their heritage. Ruth Okafor told stories in Leipzig.")
    known = Profile(places=["Leipzig"], names=["Ruth Okafor"], languages=["de"], keywords=["heritage", "famil*"])
    assert measured("places", it, known, options={"full": 4}) == 50
    assert measured("names", it, known, options={"full": 2}) == 50
    assert measured("language", it, known) == 0
    assert measured("keywords", it, known, options={"full": 20}) == pytest.approx(10)
    assert [measured(name, it) for name in ("places", "names", "language")] == [50, 50, 50]


def test_search_engines_by_their_points() -> None:
    body = (
        "## Bridge one\n\n## Bridge two\n\n## Three\n\n### Deeper\n\n- a list\n\n"
        + "The bridge is there and people walk. " * 290
    )
    page = seo.Page("Bridge repairs in the harbour: what to know now", "The bridge " + "x" * 120, "bridge", body, 60.0)
    points = {part.name: part.points for part in seo.score(page).parts}
    assert points["words"] == 15
    assert {name: points[name] for name in seo.PARTS if name != "keyword_density"} == {
        name: most for name, most in seo.PARTS.items() if name != "keyword_density"
    }
    bare = seo.score(seo.Page("x", "", "", "", 0.0))
    assert bare.score == 0.0
    assert sum(seo.PARTS.values()) == 100


@pytest.mark.parametrize(
    ("times", "words", "points"), [(3, 200, 15), (1, 150, 10), (1, 900, 5), (0, 100, 0), (9, 100, 5)]
)
def test_keyword_density(times: int, words: int, points: float) -> None:
    text = "bridge " * times + "word " * (words - times)
    found = seo.score(seo.Page("t", "", "bridge", text, 60.0))
    assert next(part.points for part in found.parts if part.name == "keyword_density") == points


# ── traits of style ──


@pytest.mark.parametrize(
    ("name", "much", "little"),
    [
        ("imperatives", DO, BE),
        ("persons", BE, HAVE),
        ("sums", HAVE, DO),
        ("figures", HAVE, BE),
        ("steps", "First read it. Then write. Finally stop.", BE),
        ("questions", "Who am I? What do I want?", DO),
    ],
)
def test_traits(name: str, much: str, little: str) -> None:
    high, low = FEATURES[name](subject(much)), FEATURES[name](subject(little))
    assert 0 <= low.value < high.value <= 1
    assert high.evidence
    assert all(much[span.start : span.end] == span.text for span in high.evidence)


def test_a_described_label_in_a_sum() -> None:
    known = rubric_presets.read(
        {"kind": "sum", "criteria": [{"name": "Bridges", "description": "bridges", "keywords": {"en": ["bridge*"]}}]}
    )
    near = scoring.score(subject("The bridges of the town are old bridges."), known, embed)
    far = scoring.score(subject("Opera singers sang in Vienna."), known, embed)
    assert near.score > far.score
    assert np.isclose(far.parts[0].weight, 1)
