"""A WordPress-like site, and a channel to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stonehand import config
from stonehand.channels.interfaces import Target
from stonehand.db import Database
from tests.lookalikes import wordpress as lookalike


@pytest.fixture
def site(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[lookalike.WordPress]:
    monkeypatch.setenv("STONEHAND_ALLOW_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("STONEHAND_FETCH_TIMEOUT_SECONDS", "2")
    config.settings.cache_clear()
    with lookalike.running() as made:
        yield made


def wordpress_target(site: lookalike.WordPress, home: Path) -> Target:
    settings = {"url": site.url, "username": lookalike.USER, "api": f"{site.url}/wp-json/"}
    return Target("Blog", home, settings, {"password": lookalike.PASSWORD})


@pytest.fixture
def blog(site: lookalike.WordPress, tmp_path: Path) -> Target:
    return wordpress_target(site, tmp_path / "blog")
