"""The bench of folders: what stands in the folder is what readers see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stonehand.channels.interfaces import Piece, Target
from stonehand.plugins.folder import Folder
from tests.channels.contract.bench import Bench


class FolderBench(Bench):
    """A folder asks nobody, and what it writes is seen at once."""

    kind = Folder()
    hides = False

    def __init__(self, folder: Path) -> None:
        self.target = Target("Folder", folder / "data" / "published" / "folder", {})
        self.kind.validate(self.target)

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
        yield cls(folder)

    def copies(self, piece: Piece, key: str) -> int:
        return sum("<article>" in page.read_text() for page in self.target.home.glob(f"*-{key}.html"))

    def text(self, piece: Piece, key: str) -> str:
        (page,) = self.target.home.glob(f"*-{key}.html")
        return page.read_text().partition("<body>")[2]

    def machine(self, piece: Piece, key: str) -> str:
        (page,) = self.target.home.glob(f"*-{key}.html")
        return page.read_text().partition("<body>")[0]

    def vanish(self, key: str) -> None:
        for path in (*self.target.home.glob(f"*-{key}.*"), self.target.home / "pieces" / f"{key}.json"):
            path.unlink(missing_ok=True)
