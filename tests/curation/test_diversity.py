"""No host, text or event takes more than its share: whatever the vectors, scores and hosts are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stonehand.curation import diversity
from stonehand.curation.diversity import CLUSTER, DUPLICATE, ENOUGH, HOST, Choice, Matrix, Rules, choose
from stonehand.nlp.vectors import unit

SLACK = 1e-4  # of float32, in products of different blocks


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[float], Matrix, list[str], Rules]:
    """Few dimensions and few directions, so that many rows are near each other, in chains and knots."""
    count, width = draw(st.integers(0, 60)), draw(st.integers(2, 6))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    centres = random.normal(size=(draw(st.integers(1, 6)), width))
    noise = draw(st.sampled_from([0.0, 0.1, 0.4, 1.0]))
    rows = centres[random.integers(0, len(centres), count)] + noise * random.normal(size=(count, width))
    scores = np.round(random.uniform(0, 100, count), draw(st.sampled_from([0, 2]))).tolist()
    hosts = [f"h{number}" for number in random.integers(0, draw(st.integers(1, 30)), count)]
    rules = Rules(
        most=draw(st.one_of(st.none(), st.integers(1, 40))),
        domain_cap=draw(st.integers(1, 4)),
        duplicate=draw(st.sampled_from([0.8, 0.97, 1.0])),
        cluster=draw(st.sampled_from([0.5, 0.75, 0.9])),
        cluster_cap=draw(st.integers(1, 4)),
        by_cluster=draw(st.booleans()),
    )
    return scores, unit(rows.reshape(count, width)), hosts, rules


def knots(vectors: Matrix, rows: list[int], threshold: float) -> list[set[int]]:
    """The coarsest clusters there can be: everything that is linked, over however many steps."""
    left, found = set(rows), []
    while left:
        knot, edge = set(), {left.pop()}
        while edge:
            row = edge.pop()
            knot.add(row)
            near = {other for other in left if vectors[row] @ vectors[other] >= threshold}
            left -= near
            edge |= near
        found.append(knot)
    return found


@settings(max_examples=150)
@given(worlds())
def test_every_cap_is_held(world: tuple[list[float], Matrix, list[str], Rules]) -> None:
    scores, vectors, hosts, rules = world
    choice = choose(scores, vectors, hosts, None, rules)
    chosen = choice.chosen
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) | set(choice.left_out) == set(range(len(scores)))
    assert not set(chosen) & set(choice.left_out)
    assert [scores[row] for row in chosen] == sorted((scores[row] for row in chosen), reverse=True)
    assert rules.most is None or len(chosen) <= rules.most
    for host in set(hosts):
        assert sum(hosts[row] == host for row in chosen) <= rules.domain_cap
    for at, row in enumerate(chosen):
        assert all(vectors[row] @ vectors[other] < rules.duplicate + SLACK for other in chosen[:at])
    if rules.by_cluster:
        assert all(len(knot) <= rules.cluster_cap for knot in knots(vectors, chosen, rules.cluster + SLACK))


@settings(max_examples=150)
@given(worlds())
def test_nothing_is_left_out_without_its_reason(world: tuple[list[float], Matrix, list[str], Rules]) -> None:
    scores, vectors, hosts, rules = world
    choice = choose(scores, vectors, hosts, None, rules)
    places = {row: place for place, row in enumerate(choice.chosen)}
    for row, (reason, other, cosine) in choice.left_out.items():
        if reason == ENOUGH:
            assert rules.most is not None
            assert len(choice.chosen) == rules.most
        elif reason == HOST:
            assert sum(hosts[each] == hosts[row] for each in choice.chosen) == rules.domain_cap
        elif reason == DUPLICATE:
            assert other in places
            assert (-scores[other], other) < (-scores[row], row)
            assert cosine == pytest.approx(float(vectors[row] @ vectors[other]), abs=SLACK)
            assert cosine >= rules.duplicate
        else:
            assert (reason, rules.by_cluster) == (CLUSTER, True)
            assert cosine >= rules.cluster
            assert len(choice.chosen) >= rules.cluster_cap


@settings(max_examples=60)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 2**32 - 1), st.integers(1, 700))
def test_clear_clusters_keep_no_more_than_the_cap_each(groups: int, cap: int, seed: int, each: int) -> None:
    """Whatever their size, on as many hosts as articles: a predecessor kept 9 of 9 where the cap was 3."""
    random = np.random.default_rng(seed)
    centres = np.eye(groups, 16)
    truth = np.repeat(np.arange(groups), min(each, 700 // groups))
    vectors = unit(centres[truth] + 0.08 * random.normal(size=(len(truth), 16)))
    hosts = [str(row) for row in range(len(truth))]
    rules = Rules(domain_cap=1, duplicate=1.01, cluster=0.7, cluster_cap=cap)
    choice = choose(random.uniform(0, 100, len(truth)).tolist(), vectors, hosts, None, rules)
    kept = np.bincount(truth[choice.chosen], minlength=groups)
    assert kept.tolist() == [min(cap, np.count_nonzero(truth == group)) for group in range(groups)]


def nine() -> Matrix:
    random = np.random.default_rng(3)
    return unit(np.ones((9, 384)) + 0.3 * random.normal(size=(9, 384)))


def test_nine_of_one_event_on_nine_hosts_give_three() -> None:
    choice = choose(list(range(9)), nine(), [f"{n}.example" for n in range(9)], None, Rules())
    assert choice.chosen == [8, 7, 6]
    assert {reason for reason, _, _ in choice.left_out.values()} == {CLUSTER}
    assert set(choice.clusters.values()) == {8}


def test_near_duplicates_are_seen_with_clusters_and_without() -> None:
    same = np.repeat(nine()[:1], 3, axis=0)
    for by_cluster in (True, False):
        choice = choose([1, 2, 3], same, ["a", "b", "c"], None, Rules(by_cluster=by_cluster))
        assert choice.chosen == [2]
        reason, other, cosine = choice.left_out[1]
        assert (reason, other) == (DUPLICATE, 2)
        assert cosine == pytest.approx(1.0, abs=1e-5)


def test_known_copies_yield_whatever_their_vectors_say() -> None:
    apart = unit(np.eye(3, 8))
    choice = choose([3, 2, 1], apart, ["a", "b", "c"], ["x", "x", "y"], Rules())
    assert choice.chosen == [0, 2]
    assert choice.left_out == {1: (DUPLICATE, 0, 1.0)}


def test_a_copy_of_what_was_left_out_may_be_chosen() -> None:
    """Of three reports of a host the third is dropped, so another host may carry the same text."""
    vectors = unit(np.eye(4, 8))
    vectors[3] = vectors[2]
    choice = choose([4, 3, 2, 1], vectors, ["a", "a", "a", "b"], None, Rules(domain_cap=2))
    assert choice.chosen == [0, 1, 3]


def test_one_that_would_join_two_clusters_counts_for_both() -> None:
    """a-b and d-e are two clusters of two; c is near to both, and together they would be five."""
    angles = np.radians([0, 10, 35, 60, 70])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    rules = Rules(duplicate=1.01, cluster=float(np.cos(np.radians(26))), cluster_cap=3)
    choice = choose([5, 4, 1, 3, 2], vectors, list("abcde"), None, rules)
    assert choice.chosen == [0, 1, 3, 4]
    assert choice.left_out[2][0] == CLUSTER


def test_articles_without_a_vector_are_near_to_nothing() -> None:
    choice = choose([2, 1], np.zeros((2, 384), dtype=np.float32), ["a", "b"], None, Rules())
    assert choice.chosen == [0, 1]


def test_without_diversity_the_best_are_chosen() -> None:
    choice = choose([1, 3, 2], nine()[:3], ["a", "a", "a"], None, Rules(most=2, diversify=False))
    assert choice == Choice([1, 2], {0: (ENOUGH, -1, 0.0)}, {})


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="one length"):
        choose([1.0], nine(), ["a"], None, Rules())


def test_memory_is_bounded_by_what_is_remembered() -> None:
    """Everything is of one event: nothing is compared with more than the cluster's own few members."""
    random = np.random.default_rng(1)
    vectors = unit(np.ones((3000, 64)) + 0.3 * random.normal(size=(3000, 64)))
    chooser = diversity._Chooser(vectors, [str(n) for n in range(3000)], [str(n) for n in range(3000)], Rules(), 3000)
    choice = chooser.run(np.arange(3000))
    assert len(choice.chosen) == 3
    assert len(chooser.rows) == 3 + diversity.REMEMBERED
    assert len(chooser.memory) == diversity.BLOCK
