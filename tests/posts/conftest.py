"""A newsroom with a story, and people who write."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stonehand import pipeline as house
from stonehand.accounts.permissions import Person, granted
from stonehand.jobs import announcements

EDITOR = Person("editor-1", "ada@example.org", "Ada", "editor", granted("editor"))
OTHER = Person("editor-2", "bo@example.org", "Bo", "editor", granted("editor"))
PUBLISHER = Person("publisher-1", "cy@example.org", "Cy", "publisher", granted("publisher"))
VIEWER = Person("viewer-1", "di@example.org", "Di", "viewer", granted("viewer"))


@pytest.fixture
def pipeline() -> Iterator[None]:
    """The whole trip."""
    before = dict(announcements._followers)
    house.install()
    yield
    announcements._followers.clear()
    announcements._followers.update(before)
