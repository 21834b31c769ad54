"""Pieces, and a channel to send them to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from stonehand.channels.interfaces import Piece, Reference, Target

KEY = "0123456789abcdef0123"


class Kept:
    """Notes of a delivery, in memory."""

    def __init__(self, **kept: Any) -> None:
        self.kept: Mapping[str, Any] = kept

    def remember(self, **facts: Any) -> None:
        self.kept = {**self.kept, **facts}


@pytest.fixture
def target(tmp_path: Path) -> Target:
    return Target("City News", tmp_path / "data" / "published" / "city-news", {})


def make_piece(number: int = 1, **changes: object) -> Piece:
    values: dict[str, object] = {
        "id": f"draft-{number}",
        "title": f"Bridge opens, part {number}",
        "slug": f"bridge-opens-{number}",
        "excerpt": "The bridge is open.",
        "markdown": "The bridge is **open** [1].\n\nNobody was surprised.",
        "language": "en",
        "label": "Put together by a program from quoted sources.",
        "generator": "offline",
        "at": datetime(2025, 3, 1, 12, number % 60, tzinfo=UTC),
        "references": (Reference(1, "Bridge open", "https://a.example/1?a=1&b=2", "Harbour Post", ("It is open.",)),),
    }
    return Piece(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def piece() -> Piece:
    return make_piece()
