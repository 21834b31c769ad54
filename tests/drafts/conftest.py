"""What these tests share."""

from __future__ import annotations

import pytest

from stonehand.nlp import embedding, lexical


@pytest.fixture
def quick_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Vectors of words instead of the model's, which each test would have to build anew in its own data directory."""
    monkeypatch.setattr(embedding, "embed", lexical.hashed)
