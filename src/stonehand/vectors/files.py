"""The files of a local index: matrices that every process maps into its memory, and a head that says what counts.

Rows are only ever added behind those that count, or emptied where they are; then the head is replaced as a whole. So a
reader needs no lock, and a writer that is killed leaves nothing half done. Numbers are in the machine's own order.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stonehand.ids import new_id
from stonehand.vectors.signs import BLOCK, WIDTH, WORDS, Bits

HEAD = "head.json"
ID_BYTES = 40
Keys = NDArray[np.uint64]
Halves = NDArray[np.float16]


@dataclass(frozen=True)
class Head:
    """How many rows count, how many of them are empty, and up to when changes in the database are in."""

    generation: str
    count: int = 0
    dead: int = 0
    until: str = ""
    compared_at: float = 0.0

    @classmethod
    def fresh(cls) -> Head:
        """Of an empty index."""
        return cls(new_id())


def read_head(folder: Path) -> Head | None:
    """The head, or None if there is none that can be read."""
    try:
        return Head(**json.loads((folder / HEAD).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_head(folder: Path, head: Head) -> None:
    """Replace the head, and remove the files of other generations."""
    draft = folder / f"{HEAD}.{os.getpid()}"
    draft.write_text(json.dumps(asdict(head)))
    draft.replace(folder / HEAD)
    for path in folder.iterdir():
        if path.suffix in KINDS and path.stem != head.generation:
            with suppress(FileNotFoundError):
                path.unlink()


KINDS = {".ids": (f"S{ID_BYTES}", ()), ".keys": ("u8", ()), ".signs": ("u8", (WORDS,)), ".rows": ("f2", (WIDTH,))}


@dataclass(frozen=True)
class Matrices:
    """What one generation holds, mapped: room for whole blocks of rows. Signs stand as [blocks, 6, BLOCK]."""

    ids: NDArray[np.bytes_]
    keys: Keys
    signs: Bits
    rows: Halves

    @classmethod
    def open(cls, folder: Path, generation: str, count: int, write: bool = False) -> Matrices | None:
        """Map the files; None for a reader of an empty index. A writer makes room for `count` rows."""
        blocks = -(-count // BLOCK)
        if not blocks:
            return None
        found = {kind: _mapped(folder / f"{generation}{kind}", blocks, *KINDS[kind], write=write) for kind in KINDS}
        return cls(found[".ids"], found[".keys"], found[".signs"].reshape(blocks, WORDS, BLOCK), found[".rows"])

    def put(self, place: int, ids: NDArray[np.bytes_], signs: Bits, rows: Halves) -> None:
        """Write rows from this place on."""
        until = place + len(ids)
        self.rows[place:until], self.ids[place:until] = rows, ids
        self.keys[place:until] = keys(ids)
        numbers = np.arange(place, until)
        self.signs[numbers // BLOCK, :, numbers % BLOCK] = signs

    def empty(self, places: NDArray[np.intp]) -> None:
        """Overwrite these rows with nothing."""
        self.ids[places], self.keys[places], self.rows[places] = b"", 0, 0
        self.signs[places // BLOCK, :, places % BLOCK] = 0

    def flush(self) -> None:
        """Hand everything to the disk, before a head speaks of it."""
        for each in (self.rows, self.signs, self.keys, self.ids):
            if isinstance(each, np.memmap):
                each.flush()


def _mapped(path: Path, blocks: int, kind: str, shape: tuple[int, ...], write: bool) -> Any:
    wanted = blocks * BLOCK
    size = wanted * int(np.prod(shape, dtype=int)) * np.dtype(kind).itemsize
    if write:
        with path.open("ab") as file:
            if file.tell() < size:
                file.truncate(size)  # a hole: what was not written yet takes no room on the disk
    return np.memmap(path, dtype=kind, mode="r+" if write else "r", shape=(wanted, *shape))


def keys(ids: NDArray[np.bytes_]) -> Keys:
    """A number for each id, by which it is found without comparing texts."""
    return np.array(
        [int.from_bytes(blake2b(each, digest_size=8).digest(), "little") or 1 for each in ids.tolist()], dtype=np.uint64
    )
