"""The bench of dry runs: a text for each piece, which only people of the newsroom see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins.dry_run import DryRun
from tests.channels.contract.bench import Bench


class DryRunBench(Bench):
    """It plays WordPress, and asks nobody."""

    kind = DryRun()
    hides = False

    def __init__(self, folder: Path) -> None:
        self.target = Target("Dry", folder / "data" / "published" / "dry", {"plays": "wordpress"})

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        yield cls(folder)

    def copies(self, piece: Piece, key: str) -> int:
        return len(list(self.target.home.glob(f"*{key}*.txt")))

    def text(self, piece: Piece, key: str) -> str:
        return (self.target.home / f"{key}.txt").read_text()

    def machine(self, piece: Piece, key: str) -> str:
        return self.text(piece, key).partition("data-digital-source-type=")[2]

    def check_harmless(self, shown: str) -> None:
        super().check_harmless(shown.partition('<p class="stonehand-label"')[2])
        files = [file for file in self.target.home.iterdir() if not file.name.startswith(".")]
        assert {file.suffix for file in files} == {".txt"}, "the rest is plain words, which nothing shows as a page"

    def vanish(self, key: str) -> None:
        (self.target.home / f"{key}.txt").unlink(missing_ok=True)
