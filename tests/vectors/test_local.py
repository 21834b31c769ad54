"""The default index: how far it may err, what its files hold, and what a killed writer leaves."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stonehand.db import new_id
from stonehand.nlp.vectors import unit
from stonehand.vectors import files, signs
from stonehand.vectors.local import LocalIndex
from tests.vectors.conftest import rows


def _exact(matrix: np.ndarray, row: np.ndarray, k: int) -> set[int]:
    return set(np.argsort(-(matrix @ row))[:k].tolist())


@pytest.mark.parametrize("spread", [0.4, 0.9, 50.0])  # from dense groups to no groups at all
def test_recall_at_ten(tmp_path: Path, spread: float) -> None:
    drawn = np.random.default_rng(3)
    middles = unit(drawn.normal(size=(200, 384)))
    given = unit(middles[drawn.integers(200, size=20_000)] + spread * unit(drawn.normal(size=(20_000, 384))))
    index = LocalIndex(tmp_path / "index")
    names = [f"{at:05d}" for at in range(20_000)]
    index.put(names, given)
    kept = given.astype(np.float16).astype(np.float32)
    hits = [
        len(_exact(kept, given[at], 10) & {int(each.id) for each in index.nearest(given[at], 10)})
        for at in range(0, 20_000, 1000)
    ]
    assert sum(hits) / (10 * len(hits)) >= 0.95


def test_signs_differ_as_often_as_the_angle_says() -> None:
    one = rows(1)[0]
    for cosine in (0.9, 0.5, 0.1):
        others = rows(500, seed=7)
        others = unit(others - np.outer(others @ one, one))
        close = unit(cosine * one + np.sqrt(1 - cosine**2) * others)
        packed = np.zeros((1, signs.WORDS, signs.BLOCK), dtype=np.uint64)
        packed[0, :, :500] = signs.signs(close).T
        counts = signs.differing(packed, signs.signs(one[np.newaxis])[0], 500)
        assert (counts <= signs.reach(cosine)).mean() > 0.97
        assert abs(counts.mean() - 384 * np.arccos(cosine) / np.pi) < 4


def test_a_removed_vector_leaves_no_bytes(tmp_path: Path) -> None:
    index, given = LocalIndex(tmp_path / "index"), rows(3)
    gone, kept = new_id(), new_id()
    index.put([gone, kept], given[:2])
    bytes_of = given[0].astype(np.float16).tobytes()
    assert any(bytes_of in path.read_bytes() for path in index.folder.iterdir())
    index.remove([gone])
    for path in index.folder.iterdir():
        assert bytes_of not in path.read_bytes()
        assert gone.encode() not in path.read_bytes()
    assert index.ids() == [kept]


def test_same_vectors_again_change_nothing(tmp_path: Path) -> None:
    index, given = LocalIndex(tmp_path / "index"), rows(3)
    names = [new_id() for _ in range(3)]
    assert index.put(names, given) == 3
    assert index.put(names, given) == 0
    assert index.put([names[0], names[0]], given[1:]) == 1
    assert (index.count(), index.head().dead) == (3, 1)
    assert index.nearest(given[2], 1)[0].id in names
    assert index.lacking([names[1], "other"]) == ["other"]


KILLED = """
import os, signal, sys
from pathlib import Path
from stonehand.vectors import files
from stonehand.vectors.local import LocalIndex
from tests.vectors.conftest import rows
files.write_head = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
LocalIndex(Path(sys.argv[1])).put(["killed"], rows(2)[1:])
"""


def test_a_killed_writer_leaves_nothing_half_done(tmp_path: Path) -> None:
    index, given = LocalIndex(tmp_path / "index"), rows(3)
    index.put(["one"], given[:1])
    done = subprocess.run([sys.executable, "-c", KILLED, str(index.folder)], check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert (index.count(), index.ids()) == (1, ["one"])
    assert index.put(["two"], given[2:]) == 1
    assert [each.id for each in index.nearest(given[2], 5)] == ["two", "one"]


def test_a_damaged_head_is_an_empty_index(tmp_path: Path) -> None:
    index = LocalIndex(tmp_path / "index")
    index.put(["one"], rows(1))
    (index.folder / files.HEAD).write_text("{")
    assert (index.count(), index.nearest(rows(1)[0], 3)) == (0, [])
    assert index.put(["two"], rows(1)) == 1
    assert len(list(index.folder.glob("*.rows"))) == 1


def test_more_than_one_block(tmp_path: Path) -> None:
    index, given = LocalIndex(tmp_path / "index"), rows(signs.BLOCK + 50)
    names = [str(at) for at in range(len(given))]
    index.put(names[: signs.BLOCK - 5], given[: signs.BLOCK - 5])
    assert index.nearest(given[3], 1)[0].id == "3"
    index.put(names[signs.BLOCK - 5 :], given[signs.BLOCK - 5 :])
    for at in (3, signs.BLOCK - 1, signs.BLOCK, signs.BLOCK + 49):
        assert index.nearest(given[at], 1)[0].id == str(at)
