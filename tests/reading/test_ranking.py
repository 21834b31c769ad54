"""The mathematics of recommending, against plain sums and against invariants."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stonehand.db import new_id
from stonehand.nlp.vectors import unit
from stonehand.reading.ranking import (
    blending,
    collaborative,
    diversity,
    ease,
    marks,
    neighbours,
    packing,
    popularity,
    walks,
)
from stonehand.reading.ranking.blending import Side
from stonehand.reading.ranking.diversity import Caps
from stonehand.reading.ranking.marks import Marks

NOTHING = neighbours.tell(marks.matrix([], [], [], 1, 4), neighbours.nobody(4))


def some_marks(readers: int, width: int, each: int, seed: int = 1) -> Marks:
    drawn = np.random.default_rng(seed)
    rows = np.repeat(np.arange(readers), each)
    items = np.concatenate([drawn.choice(width, each, replace=False) for _ in range(readers)])
    return marks.matrix(rows, items, np.ones(len(rows)), readers, width)


def dense(found: Marks) -> np.ndarray:
    whole = np.zeros((found.readers, found.width))
    whole[found.rows(), found.items] = found.weights
    return whole


def test_ease_is_the_closed_form() -> None:
    found = some_marks(40, 12, 5)
    x = dense(found)
    inverse = np.linalg.inv(x.T @ x + 7.0 * np.eye(12))
    wanted = np.eye(12) - inverse / np.diag(inverse)
    np.fill_diagonal(wanted, 0)
    got = neighbours.score(found, ease.fit(found, 7.0))
    assert np.allclose(got, x @ wanted, atol=1e-4)


def test_walks_are_the_three_steps_by_way_of_dense_matrices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "PAIRS", 40)  # many small blocks
    found = some_marks(30, 20, 6)
    x = dense(found)
    to_reader = (x / np.maximum(x.sum(axis=0), 1)).T
    to_article = x / x.sum(axis=1, keepdims=True)
    wanted = to_reader @ to_article / np.maximum(x.sum(axis=0), 1) ** 0.5
    np.fill_diagonal(wanted, 0)
    got = walks.fit(found, 0.5)
    whole = np.zeros((20, 20))
    for article in range(20):
        told = got.items[article] >= 0
        whole[article, got.items[article][told]] = got.weights[article][told]
    assert np.allclose(whole, wanted, rtol=2e-2, atol=1e-4)  # shares are kept in twelve bits


def test_walks_keep_the_best_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    found = some_marks(200, 60, 8)
    every = walks.fit(found, 0.4)
    monkeypatch.setattr(walks, "KEPT", 5)
    few = walks.fit(found, 0.4)
    for article in range(60):
        best = np.sort(every.weights[article])[::-1][:5]
        assert np.allclose(few.weights[article], best)


@pytest.mark.parametrize("most_for_ease", [1000, 0], ids=["ease", "walks"])
def test_both_models_find_who_is_read_together(most_for_ease: int) -> None:
    rows = np.repeat(np.arange(20), 3)
    items = np.array([[0, 1, 2] if reader % 2 else [3, 4, 5] for reader in range(20)]).ravel()
    found = collaborative.fit(marks.matrix(rows, items, np.ones(60), 20, 8), most_for_ease)
    scores = neighbours.score(marks.matrix([0], [0], [1.0], 1, 8), found)[0]
    assert {1, 2} == set(np.argsort(-scores)[:2])
    assert np.all(scores[3:] <= 1e-6)
    assert list(found.known) == [True] * 6 + [False] * 2


def test_nobody_has_read_anything() -> None:
    empty = marks.matrix([], [], [], 0, 5)
    assert not collaborative.fit(empty).known.any()
    assert neighbours.score(marks.matrix([], [], [], 2, 5), neighbours.nobody(5)).shape == (2, 5)


def test_packed_neighbours_come_back() -> None:
    found = collaborative.fit(some_marks(50, 30, 6), 0)
    ids = [new_id() for _ in range(30)]
    packed = packing.pack(found, ids, 10)
    back = packing.join([list(packed.items())], ids, 10)
    for article in range(30):
        told = dict(zip(back.items[article].tolist(), back.weights[article].tolist(), strict=True))
        best = np.argsort(-found.weights[article])[:10]
        assert all(math.isclose(told[int(found.items[article][at])], float(found.weights[article][at])) for at in best)
    first = packing.unpack(packed[ids[0]])
    assert [weight for _, weight in first] == sorted((weight for _, weight in first), reverse=True)
    assert packing.join([list(packed.items())], ids[:3], 10).items.max() < 3  # the others have gone meanwhile
    assert packing.pack(found, ["no uuid"] * 30, 10)["no uuid"]


def test_a_reader_of_two_articles_gets_more_of_their_topics() -> None:
    rows = unit(np.eye(6, dtype=np.float32) + 0.01)
    past = marks.matrix([0, 0], [0, 1], [3.0, -3.0], 1, 6)
    taste = blending.tastes(past, rows)
    side = Side(rows, np.zeros(6, dtype=bool), np.zeros(6, dtype=np.float32), np.ones(6, dtype=np.float32))
    scores = blending.blend(NOTHING, taste, past, side)[0]
    assert scores.argmax() == 0
    assert scores[1] == scores.min()


def test_without_a_past_popularity_decides() -> None:
    rows = unit(np.eye(4, dtype=np.float32) + 0.01)
    past, popular = marks.matrix([], [], [], 1, 4), np.array([0.1, 0.9, 0.5, 0], dtype=np.float32)
    side = Side(rows, np.zeros(4, dtype=bool), popular, blending.freshness(np.zeros(4, dtype=np.float32)))
    scores = blending.blend(NOTHING, blending.tastes(past, rows), past, side)[0]
    found, values = blending.best(scores, 10)
    assert found.tolist() == [1, 2, 0]  # what scores nothing is not recommended
    assert np.allclose(values, [0.9, 0.5, 0.1])


def test_age_takes_at_most_a_part() -> None:
    fresh = blending.freshness(np.array([0, 7, 10_000, -1], dtype=np.float32))
    assert np.allclose(fresh, [1, 0.85, 0.7, 1])


@st.composite
def lists(draw: st.DrawFn) -> tuple[np.ndarray, list[int], list[int | None]]:
    count = draw(st.integers(0, 40))
    numbers = st.lists(st.integers(0, 2), min_size=3, max_size=3)
    rows = np.array([draw(numbers) for _ in range(count)], dtype=np.float32).reshape(count, 3) + 0.1
    outlets = draw(st.lists(st.integers(0, 5), min_size=count, max_size=count))
    stories = draw(st.lists(st.one_of(st.none(), st.integers(0, 8)), min_size=count, max_size=count))
    return unit(rows), outlets, stories


@settings(max_examples=300)
@given(lists(), st.integers(1, 3), st.integers(1, 3), st.floats(0.6, 1.0), st.integers(1, 25))
def test_caps_hold_whatever_the_list(
    given_lists: tuple[np.ndarray, list[int], list[int | None]], outlet: int, cluster: int, alike: float, most: int
) -> None:
    rows, outlets, stories = given_lists
    caps = Caps(outlet, cluster, same=0.999, alike=alike, story=1)
    chosen = diversity.choose(rows, outlets, stories, caps, most)
    assert len(chosen) <= most
    assert chosen == sorted(set(chosen))  # the order of the ranking stays, and nothing comes twice
    assert all([outlets[row] for row in chosen].count(each) <= outlet for each in outlets)
    told = [stories[row] for row in chosen if stories[row] is not None]
    assert len(told) == len(set(told))
    cosines = rows[chosen] @ rows[chosen].T
    assert np.all(np.triu(cosines, 1) < 0.999 + 1e-6)
    assert max(_clusters(rows[chosen], alike), default=0) <= cluster
    if len(rows):
        assert chosen[0] == 0  # the best is always there


def _clusters(rows: np.ndarray, alike: float) -> list[int]:
    """Sizes: each joins the cluster of the nearest before it, if near enough. Cosines are rounded as the product's
    are, so that both see the same of two that are equally near."""
    belongs: list[int] = []
    for row in range(len(rows)):
        before = rows[:row] @ rows[row]
        belongs.append(belongs[int(before.argmax())] if row and before.max() >= alike else row)
    return [belongs.count(each) for each in set(belongs)]


def test_a_list_without_caps_is_the_ranking() -> None:
    rows = np.ones((5, 3), dtype=np.float32)
    assert diversity.choose(unit(rows), [1] * 5, [1] * 5, diversity.NO_CAPS, 4) == [0, 1, 2, 3]


def test_surprise_is_more_than_the_week_before_would_lead_one_to_expect() -> None:
    today = date(2026, 5, 17)
    steady = {today - timedelta(days=back): 10.0 for back in range(9)}
    assert abs(popularity.surprise(steady, today)) < 0.01
    assert popularity.surprise(steady | {today: 60.0}, today) > 10
    assert popularity.surprise({today: 9.0}, today) == 9.0
    assert popularity.surprise({today - timedelta(days=30): 9.0}, today) == 0


def test_neighbours_are_packed_for_those_alone_that_have_some() -> None:
    ids, none = [new_id() for _ in range(3)], neighbours.NONE
    items = np.array([[1, none], [none, none], [0, 1]], dtype=np.int32)
    weights = np.array([[0.5, 0], [0, 0], [0.25, -1]], dtype=np.float32)
    packed = packing.pack(neighbours.Neighbours(items, weights), ids, 2)
    assert set(packed) == {ids[0], ids[2]}
    assert packing.unpack(packed[ids[2]]) == [(ids[1], -1.0), (ids[0], 0.25)]


@given(st.integers(0, 400), st.integers(0, 40), st.integers(0, 5))
def test_the_best_are_the_highest_wherever_they_stand(width: int, most: int, kinds: int) -> None:
    drawn = np.random.default_rng(width * 41 + most)
    scores = (drawn.random(width) * 10 - 3).astype(np.float32)
    scores = np.round(scores) if kinds == 0 else scores  # many alike
    places, values = blending.best(scores, most)
    wanted = np.sort(scores[scores > 0])[::-1][:most]
    assert values.tolist() == wanted.tolist()
    assert scores[places].tolist() == values.tolist()
    assert len(set(places.tolist())) == len(places)


def test_scores_are_the_same_in_blocks_and_in_a_room_that_held_others(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = np.random.default_rng(5)
    vectors, taste = unit(drawn.normal(size=(50, 384))), unit(drawn.normal(size=(3, 384)))
    known = marks.matrix([0, 0, 1], [3, 7, 20], [1.0, 2.0, 1.0], 3, 50)
    popular, fresh = drawn.random(50).astype(np.float32), drawn.random(50).astype(np.float32)
    side = blending.Side(vectors, drawn.random(50) > 0.5, popular, fresh)
    told = neighbours.Told(np.array([5, 60]), np.array([0.5, 0.25], dtype=np.float32))
    whole = blending.blend(told, taste, known, side)
    monkeypatch.setattr(blending, "BLOCK", 7)
    room = np.full((3, 50), 9, dtype=np.float32)
    assert blending.blend(told, taste, known, side, room) is room
    assert np.allclose(room, whole, atol=1e-6)
