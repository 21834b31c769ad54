"""Which stories the desk writes about by itself, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stonehand.drafts.choosing import Choice, choose

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)


def choice(name: str, outlets: int = 2, words: int = 200, seconds: float = 60) -> Choice:
    return Choice(name, outlets, words, NOON - timedelta(seconds=seconds))


def test_two_outlets_come_before_one_and_the_ranking_decides_the_rest() -> None:
    ranked = [choice("a", outlets=1), choice("b"), choice("c", outlets=3), choice("d", outlets=1)]
    assert choose(ranked, 3, NOON) == ["b", "c", "a"]


def test_a_short_story_of_one_outlet_is_left_alone() -> None:
    assert choose([choice("a", outlets=1, words=79), choice("b", outlets=1, words=80)], 5, NOON) == ["b"]


@pytest.mark.parametrize("room", [0, -3])
def test_without_room_nothing_is_chosen(room: int) -> None:
    assert choose([choice("a")], room, NOON) == []


def test_it_waits_until_the_ranking_has_settled() -> None:
    assert choose([choice("a", seconds=14), choice("b", seconds=20)], 5, NOON) == []
    assert choose([choice("a", seconds=15), choice("b", seconds=20)], 5, NOON) == ["a", "b"]


def test_where_articles_never_stop_arriving_a_story_that_is_quiet_itself_is_taken() -> None:
    assert choose([choice("a", seconds=1), choice("b", seconds=31)], 5, NOON) == ["b"]
