"""Indexes to test, and articles with vectors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from stonehand import config, http_client
from stonehand.nlp.vectors import Row, unit
from stonehand.vectors.interfaces import Index
from stonehand.vectors.local import LocalIndex
from stonehand.vectors.qdrant import QdrantIndex
from tests.vectors.qdrant_double import KEY, QdrantDouble

Told = dict[str, str]


def rows(count: int, seed: int = 1) -> Row:
    """Random directions, float32 [count, 384]."""
    return unit(np.random.default_rng(seed).normal(size=(count, 384)))


def opened(told: Told) -> Index:
    """The index that is described so; any process can open it."""
    if told["kind"] == "local":
        return LocalIndex(Path(told["folder"]))
    return QdrantIndex(told["url"], "contract", told["key"])


@pytest.fixture
def qdrant(monkeypatch: pytest.MonkeyPatch) -> Iterator[QdrantDouble]:
    """A stand-in for a Qdrant server, which the settings name."""
    double = QdrantDouble()
    monkeypatch.setenv("QDRANT_URL", double.url)
    monkeypatch.setenv("QDRANT_API_KEY", KEY)
    config.settings.cache_clear()
    yield double
    double.close()
    http_client.close()


@pytest.fixture(params=["local", "qdrant"])
def told(request: pytest.FixtureRequest, tmp_path: Path) -> Told:
    """Where an index is, of each kind."""
    if request.param == "local":
        return {"kind": "local", "folder": str(tmp_path / "index")}
    double: QdrantDouble = request.getfixturevalue("qdrant")
    return {"kind": "qdrant", "url": double.url, "key": KEY}


def as_text(told: Told) -> str:
    """For another process."""
    return json.dumps(told)


__all__ = ["Callable", "Told", "as_text", "opened", "rows"]
