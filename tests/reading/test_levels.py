"""The assessment, its scores and what they unlock."""

from __future__ import annotations

import pytest

from stonehand.reading import levels
from stonehand.reading.errors import AnswersUnfit
from stonehand.reading.levels import QUESTIONS, Scores
from stonehand.reading.states import Difficulty, Phase

ALL = {question.key: 4 for question in QUESTIONS}


@pytest.mark.parametrize(
    ("score", "wanted"),
    [(0, "Beginner"), (59, "Beginner"), (60, "Intermediate"), (79, "Intermediate"), (80, "Advanced")],
)
def test_scores_unlock_levels_at_60_and_80(score: int, wanted: str) -> None:
    assert levels.level(score) == wanted
    scores = Scores(score, 0, 100)
    allowed = [each for each in Difficulty if levels.allows(scores, Phase.BE, each)]
    assert allowed[-1] == wanted
    assert levels.allows(scores, Phase.DO, Difficulty.INTERMEDIATE) is False  # each phase by its own score
    assert levels.allows(scores, Phase.HAVE, Difficulty.ADVANCED) is True


def test_without_an_assessment_only_beginners_articles_are_open() -> None:
    assert [each for each in Difficulty if levels.allows(None, Phase.BE, each)] == [Difficulty.BEGINNER]


def test_answers_become_scores_of_each_phase() -> None:
    answers = ALL | {question.key: 2 for question in QUESTIONS if question.phase == Phase.DO}
    assert levels.scored(answers) == Scores(100, 50, 100)
    assert levels.scored(answers).mean == 83
    assert levels.scored(answers).weakest == Phase.DO
    assert levels.scored(dict.fromkeys(ALL, 0)) == Scores(0, 0, 0)


def test_the_mean_is_rounded_down_so_that_rounding_unlocks_nothing() -> None:
    assert Scores(79, 80, 80).mean == 79


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({}, "12 answers are missing"),
        (ALL | {"be_values": 5}, "answers go from 0 to 4"),
        (ALL | {"be_values": -1}, "answers go from 0 to 4"),
        (ALL | {"height": 2}, "there is no question 'height'"),
    ],
)
def test_answers_that_are_none_are_refused_with_words(answers: dict[str, int], said: str) -> None:
    with pytest.raises(AnswersUnfit, match=said):
        levels.scored(answers)


def test_scores_from_elsewhere_are_checked() -> None:
    assert levels.given(0, 100, 60) == Scores(0, 100, 60)
    with pytest.raises(AnswersUnfit, match="'have' is 101"):
        levels.given(0, 0, 101)
