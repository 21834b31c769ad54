"""What is remembered of an error, however large or broken it is."""

from __future__ import annotations

import pytest

from stonehand import log
from stonehand.jobs import history


def test_of_an_error_of_megabytes_only_what_is_kept_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    log.hide("hunter22-hunter22")
    searched: list[int] = []
    redact = log.redact

    def counting(value: str) -> object:
        searched.append(len(value))
        return redact(value)

    monkeypatch.setattr(log, "redact", counting)
    words = history.describe(ValueError("hunter22-hunter22 is far too long " * 300_000))
    assert 0 < sum(searched) <= 2 * history.LONGEST, "searching megabytes takes longer than a lease"
    assert len(words) <= history.LONGEST
    assert "hunter22" not in words


def test_a_broken_error_is_known_by_its_kind() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert history.describe(Mute()) == "Mute"
    assert history.describe(ValueError("a\0b\ud800")) == "ab?"
