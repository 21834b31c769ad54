"""What is remembered of an error, however large or broken it is."""

from __future__ import annotations

import time

from stonehand import log
from stonehand.jobs import history


def test_an_error_of_megabytes_is_described_at_once() -> None:
    log.hide("hunter22-hunter22")
    began = time.process_time()
    words = history.describe(ValueError("hunter22-hunter22 is far too long " * 300_000))
    assert time.process_time() - began < 1
    assert len(words) <= history.LONGEST
    assert "hunter22" not in words


def test_a_broken_error_is_known_by_its_kind() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert history.describe(Mute()) == "Mute"
    assert history.describe(ValueError("a\0b\ud800")) == "ab?"
