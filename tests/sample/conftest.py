"""A newsroom on a free port for the tests of the sample."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from stonehand.sample import Newsroom
from stonehand.sample.edition import Edition

EPOCH = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def newsroom() -> Iterator[Newsroom]:
    """A newsroom whose slow feed takes four tenths of a second."""
    with Newsroom(epoch=EPOCH, slow_seconds=0.4) as newsroom:
        yield newsroom


@pytest.fixture(scope="module")
def edition(newsroom: Newsroom) -> Edition:
    """The edition that the newsroom serves."""
    return Edition(newsroom.address, newsroom.epoch)
