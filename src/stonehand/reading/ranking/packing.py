"""An article's neighbours as bytes: 16 of the id and 4 of the weight for each. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from stonehand.reading.ranking.neighbours import NONE, Neighbours

ROW = np.dtype([("id", "V16"), ("weight", "<f4")])


def key(article_id: str) -> bytes | None:
    """The 16 bytes of an id; None for one that is no UUID, which no article of ours has."""
    try:
        return UUID(article_id).bytes
    except ValueError:
        return None


def pack(found: Neighbours, ids: Sequence[str], most: int) -> dict[str, bytes]:
    """By the id of each article that has neighbours, the `most` weightiest of them."""
    keys = np.array([key(each) or bytes(16) for each in ids], dtype="V16")
    order = np.argsort(-np.abs(found.weights), axis=1)[:, :most]
    items, weights = np.take_along_axis(found.items, order, 1), np.take_along_axis(found.weights, order, 1)
    told = items >= 0
    rows = np.empty(int(told.sum()), dtype=ROW)
    rows["id"], rows["weight"] = keys[items[told]], weights[told]
    whole, edges = rows.tobytes(), pairwise([0, *(np.cumsum(told.sum(axis=1)) * ROW.itemsize).tolist()])
    return {id_: whole[begin:end] for id_, (begin, end) in zip(ids, edges, strict=True) if end > begin}


def unpack(packed: bytes) -> list[tuple[str, float]]:
    """Ids and weights, the weightiest first."""
    rows = np.frombuffer(packed, dtype=ROW)
    return [(str(UUID(bytes=each["id"].tobytes())), float(each["weight"])) for each in rows]


Packed = Sequence[tuple[str, bytes]]


def join(pages: Iterable[Packed], ids: Sequence[str], most: int) -> Neighbours:
    """The reverse of `pack` for articles in the order of `ids`; neighbours that are not among them are left out."""
    items = np.full((len(ids), most), NONE, dtype=np.int32)
    weights = np.zeros((len(ids), most), dtype=np.float32)
    place, places = {each: at for at, each in enumerate(ids)}, _Places(ids)
    for page in pages:
        kept = [(place[id_], some[: most * ROW.itemsize]) for id_, some in page if id_ in place]
        if not kept:
            continue
        rows = np.frombuffer(b"".join(some for _, some in kept), dtype=ROW)
        lengths = np.array([len(some) // ROW.itemsize for _, some in kept])
        owner = np.repeat([at for at, _ in kept], lengths)
        column = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        items[owner, column] = places.of(rows["id"])
        weights[owner, column] = rows["weight"]
    return Neighbours(items, weights)


class _Places:
    """Where keys stand among ids. Looked up by their last eight bytes, which are drawn by lot; compared in full."""

    def __init__(self, ids: Sequence[str]) -> None:
        whole = b"".join(key(each) or bytes(16) for each in ids)
        self.known = np.frombuffer(whole, dtype="<u8").reshape(-1, 2)
        self.order = np.argsort(self.known[:, 1])
        self.sorted = self.known[self.order, 1]

    def of(self, wanted: NDArray[Any]) -> NDArray[np.int32]:
        """The place of each key; `NONE` for one that is not there."""
        asked = np.frombuffer(wanted.tobytes(), dtype="<u8").reshape(-1, 2)
        at = self.order[np.minimum(np.searchsorted(self.sorted, asked[:, 1]), len(self.order) - 1)]
        return np.where((self.known[at] == asked).all(axis=1), at, NONE).astype(np.int32)
