"""Prepare the asserts of all tests as pytest does: `python -m tests.rewriting`.

Processes that share the tests would each do it for every file when they start, all at the same time.
"""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from _pytest.assertion import AssertionState, rewrite
from _pytest.config import _prepareconfig

FOLDER = Path(__file__).parent
CONFIG = _prepareconfig(["--noconftest"])


def prepare(path: Path) -> None:
    """Keep the rewritten file where pytest looks for it, unless it is there."""
    state = AssertionState(CONFIG, "rewrite")
    kept = rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"
    if rewrite.try_makedirs(kept.parent) and rewrite._read_pyc(path, kept) is None:
        digest, code = rewrite._rewrite_test(path, CONFIG)
        rewrite._write_pyc(state, code, digest, kept)


def main() -> None:
    """All files that pytest rewrites."""
    files = [path for path in FOLDER.rglob("*.py") if path.stem == "conftest" or path.stem.startswith("test_")]
    with multiprocessing.Pool() as pool:
        pool.map(prepare, files)


if __name__ == "__main__":
    main()
