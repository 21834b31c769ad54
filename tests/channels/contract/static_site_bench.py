"""The bench of static sites: what stands in the site's folder is what its readers get."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins import front_matter
from stonehand.plugins.static_site import StaticSite
from tests.channels.contract.bench import Bench


class StaticSiteBench(Bench):
    """A folder with Markdown files; it asks nobody."""

    kind = StaticSite()
    hides = False

    def __init__(self, folder: Path) -> None:
        self.site = folder / "site"
        self.site.mkdir()
        settings = {"folder": str(self.site), "base_url": "https://s.example/"}
        self.target = Target("Site", folder / "data" / "published" / "site", settings)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        yield cls(folder)

    def _files(self, key: str) -> list[Path]:
        return [file for file in self.site.rglob("*.md") if front_matter.key_in(file.read_text()) == key]

    def copies(self, piece: Piece, key: str) -> int:
        return len(self._files(key))

    def text(self, piece: Piece, key: str) -> str:
        (file,) = self._files(key)
        return body(file.read_text())

    def machine(self, piece: Piece, key: str) -> str:
        (file,) = self._files(key)
        return digital_source(file.read_text())

    def vanish(self, key: str) -> None:
        for file in self._files(key):
            file.unlink()


def body(text: str) -> str:
    """What stands below the front matter."""
    return text.split("---\n", 2)[2]


def digital_source(text: str) -> str:
    """What the front matter says to programs."""
    found = re.search(r'^digital_source_type: "(.+)"$', text, re.MULTILINE)
    return found[1] if found else ""
