"""The default index: files in the data directory, which every process of this machine reads at once.

Signs decide what is compared in full: at least `FIRST` vectors, then as many as could be as close as the best `k` of
those. What is compared in full is exact to the 16 bits that the database keeps.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stonehand.nlp.vectors import Row, unit
from stonehand.vectors import files, signs
from stonehand.vectors.errors import VectorUnfit
from stonehand.vectors.files import Head, Matrices
from stonehand.vectors.interfaces import Near

FIRST = 1000  # vectors that are compared in full whatever their signs say
MOST_SHARE, MOST = 0.25, 16_000  # that are compared in full at most: more are wished only where nothing is near
CHUNK = 8192  # vectors that are compared together
Found = tuple[NDArray[np.intp], NDArray[np.float32]]


@dataclass(frozen=True)
class _Opened:
    head: Head
    matrices: Matrices | None


class LocalIndex:
    """One folder of files. `put`, `remove` and `clear` wait for other writers; nobody waits to read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._opened: tuple[tuple[int, int], _Opened] | None = None

    # ── reading ──

    def head(self) -> Head:
        """What counts now."""
        return files.read_head(self.folder) or Head("")

    def count(self) -> int:
        head = self.head()
        return head.count - head.dead

    def ids(self) -> list[str]:
        """Every id in it."""
        opened = self._open()
        if opened.matrices is None:
            return []
        return [each.decode() for each in opened.matrices.ids[: opened.head.count].tolist() if each]

    def everything(self) -> tuple[list[str], files.Halves]:
        """All ids and all vectors, float16 [count, 384], as they are mapped: for who compares each with each."""
        opened = self._open()
        if opened.matrices is None:
            return [], np.zeros((0, signs.WIDTH), dtype=np.float16)
        there = np.flatnonzero(opened.matrices.keys[: opened.head.count])
        rows = opened.matrices.rows[: opened.head.count]
        ids = [each.decode() for each in opened.matrices.ids[there].tolist()]
        return ids, rows if len(there) == len(rows) else rows[there]

    def lacking(self, ids: Collection[str]) -> list[str]:
        """Those that are not in it."""
        opened, asked = self._open(), list(ids)
        if opened.matrices is None or not asked:
            return asked
        known = np.isin(files.keys(_encoded(asked)), opened.matrices.keys[: opened.head.count])
        return [each for each, is_known in zip(asked, known.tolist(), strict=True) if not is_known]

    def nearest(self, row: Row, k: int) -> list[Near]:
        opened, wanted = self._open(), unit(_checked(row[np.newaxis])[0])
        if opened.matrices is None or k < 1:
            return []
        places, cosines = _best(opened.matrices, opened.head.count, wanted, k)
        order = np.lexsort((places, -cosines))
        ids = opened.matrices.ids[places[order]].tolist()
        found = [
            Near(id_.decode(), round(float(cosine), 6)) for id_, cosine in zip(ids, cosines[order], strict=True) if id_
        ]
        return found[:k]

    def _open(self) -> _Opened:
        """The files as the head now says; mapping them again only after it was replaced."""
        try:
            about = (self.folder / files.HEAD).stat()
        except FileNotFoundError:
            return _Opened(Head(""), None)
        stamp = (about.st_ino, about.st_mtime_ns)
        with self._lock:
            if self._opened is None or self._opened[0] != stamp:
                self._opened = (stamp, self._mapped())
            return self._opened[1]

    def _mapped(self) -> _Opened:
        while True:
            head = self.head()
            try:
                return _Opened(head, Matrices.open(self.folder, head.generation, head.count))
            except FileNotFoundError:  # a writer has begun a new generation between two looks
                if self.head() == head:
                    return _Opened(Head(""), None)

    # ── writing ──

    @contextmanager
    def writing(self, wait: bool = True) -> Iterator[bool]:
        """Hold the lock of writers; gives False if another has it and `wait` is not wanted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True  # closing the file lets go

    def put(self, ids: Sequence[str], rows: Row) -> int:
        with self.writing():
            return self.put_locked(ids, rows)

    def put_locked(self, ids: Sequence[str], rows: Row, until: str = "") -> int:
        """As `put`, for who holds the lock; with up to when the database's changes are in now."""
        halves, texts = _checked(rows).astype(np.float16), _encoded(ids)
        head = files.read_head(self.folder) or Head.fresh()
        matrices = Matrices.open(self.folder, head.generation, head.count + len(ids), write=True)
        changed, replaced = np.zeros(0, dtype=np.intp), np.zeros(0, dtype=np.intp)
        if matrices is not None:
            changed, replaced = _compared(matrices, head.count, texts, halves)
            matrices.put(head.count, texts[changed], signs.signs(halves[changed]), halves[changed])
            matrices.empty(replaced)
            matrices.flush()
        head = replace(head, count=head.count + len(changed), dead=head.dead + len(replaced), until=until or head.until)
        files.write_head(self.folder, head)
        return len(changed)

    def remove(self, ids: Collection[str]) -> int:
        with self.writing():
            head = files.read_head(self.folder)
            matrices = head and Matrices.open(self.folder, head.generation, head.count, write=True)
            if not head or not matrices or not ids:
                return 0
            places = np.flatnonzero(np.isin(matrices.keys[: head.count], files.keys(_encoded(list(ids)))))
            matrices.empty(places)
            matrices.flush()
            files.write_head(self.folder, replace(head, dead=head.dead + len(places)))
            return len(places)

    def clear(self) -> None:
        with self.writing():
            files.write_head(self.folder, Head.fresh())

    def note_comparison(self, moment: float) -> None:
        """Remember when it was compared with the database."""
        with self.writing():
            files.write_head(self.folder, replace(files.read_head(self.folder) or Head.fresh(), compared_at=moment))


def _best(matrices: Matrices, count: int, wanted: Row, k: int) -> Found:
    """The places of the closest `k` or so, and their cosines."""
    counts = signs.differing(matrices.signs, signs.signs(wanted[np.newaxis])[0], count)
    edge = signs.cut(counts, max(FIRST, 8 * k))
    places, cosines = _compare(matrices, np.flatnonzero(counts <= edge), wanted)
    worst = float(np.partition(cosines, -k)[-k]) if len(cosines) > k else -1.0
    further = min(signs.reach(worst), signs.cut(counts, min(MOST, int(MOST_SHARE * count))))
    if further > edge:
        more = _compare(matrices, np.flatnonzero((counts > edge) & (counts <= further)), wanted)
        places, cosines = np.concatenate([places, more[0]]), np.concatenate([cosines, more[1]])
    best = np.argpartition(cosines, -k)[-k:] if len(cosines) > k else np.arange(len(cosines))
    return places[best], cosines[best]


def _compare(matrices: Matrices, places: NDArray[np.intp], wanted: Row) -> Found:
    """The cosines at these places; empty rows are left out."""
    places = places[matrices.keys[places] != 0]
    parts = (places[start : start + CHUNK] for start in range(0, len(places), CHUNK))
    cosines = [matrices.rows[part].astype(np.float32) @ wanted for part in parts]
    return places, np.concatenate(cosines) if cosines else np.zeros(0, dtype=np.float32)


def _compared(
    matrices: Matrices, count: int, texts: NDArray[np.bytes_], halves: files.Halves
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which of the given vectors are new or other than before, and the places of those that they replace."""
    asked, known = files.keys(texts), matrices.keys[:count]
    places = np.flatnonzero(np.isin(known, asked))
    at = dict(zip(known[places].tolist(), places.tolist(), strict=True))
    given = {key: number for number, key in enumerate(asked.tolist())}  # of one id given twice the last counts
    same = [key for key, place in at.items() if np.array_equal(matrices.rows[place], halves[given[key]])]
    changed = sorted(number for key, number in given.items() if key not in set(same))
    replaced = [place for key, place in at.items() if key not in set(same)]
    return np.array(changed, dtype=np.intp), np.array(replaced, dtype=np.intp)


def _encoded(ids: Sequence[str]) -> NDArray[np.bytes_]:
    texts = [each.encode() for each in ids]
    if any(not 0 < len(each) <= files.ID_BYTES for each in texts):
        raise VectorUnfit(f"an id must have 1 to {files.ID_BYTES} bytes")
    return np.array(texts, dtype=f"S{files.ID_BYTES}")


def _checked(rows: Row) -> Row:
    if rows.ndim != 2 or rows.shape[1] != signs.WIDTH:
        raise VectorUnfit(f"a vector must have {signs.WIDTH} numbers, not {rows.shape[-1]}")
    if not np.isfinite(rows).all():
        raise VectorUnfit("a vector holds something that is no number")
    return rows
