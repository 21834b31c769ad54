"""Settings written as TOML are read back as they were."""

from __future__ import annotations

import tomllib

import pytest

from stonehand.web.pages import toml


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"a": 1, "b": 0.5, "c": True, "d": "x"},
        {
            "index": {
                "cards": [{"item": "li", "ids": "/a/{id}/", "inner": {"x": []}}],
                "states": {"é ü": 'q"\\\n\x7f🐉'},
            }
        },
        {"dates": {"months": ["Jänner", "Februar"]}, "empty": {}, "a.b": {"c d": {"e": False}}},
    ],
)
def test_what_is_written_is_read_back(settings: dict[str, object]) -> None:
    assert tomllib.loads(toml.written(settings)) == settings


def test_what_is_none_is_left_out() -> None:
    assert toml.written({"a": None, "b": {"c": [None, {"d": None}]}}) == "b.c = [{}]"
