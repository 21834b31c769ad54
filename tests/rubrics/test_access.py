"""Which difficulties open to whom."""

from __future__ import annotations

import pytest

from stonehand.rubrics import access, rubric_presets

OPENS = rubric_presets.definition("be-do-have").access


@pytest.mark.parametrize(
    ("difficulty", "scores", "may"),
    [
        ("Beginner", None, True),
        ("Intermediate", None, False),
        ("Intermediate", {"BE": 59.9}, False),
        ("Intermediate", {"BE": 60}, True),
        ("Intermediate", {"DO": 100}, False),
        ("Advanced", {"BE": 79}, False),
        ("Advanced", {"BE": 80, "DO": 0}, True),
    ],
)
def test_scores_in_the_phase_open_levels(difficulty: str, scores: dict[str, float] | None, may: bool) -> None:
    assert access.may_read(OPENS, "BE", difficulty, scores) is may


def test_levels() -> None:
    assert [access.level(score) for score in (0, 59.9, 60, 79.9, 80, 100)] == [
        *["Beginner"] * 2,
        *["Intermediate"] * 2,
        *["Advanced"] * 2,
    ]
    assert access.required(OPENS, "Advanced") == 80
