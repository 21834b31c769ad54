"""An article's neighbours as bytes: 16 of the id and 4 of the weight for each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np

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
    packed = {}
    for at in np.flatnonzero((items >= 0).any(axis=1)).tolist():
        told = items[at] >= 0
        rows = np.empty(int(told.sum()), dtype=ROW)
        rows["id"], rows["weight"] = keys[items[at][told]], weights[at][told]
        packed[ids[at]] = rows.tobytes()
    return packed


def unpack(packed: bytes) -> list[tuple[str, float]]:
    """Ids and weights, the weightiest first."""
    rows = np.frombuffer(packed, dtype=ROW)
    return [(str(UUID(bytes=each["id"].tobytes())), float(each["weight"])) for each in rows]


def join(packed: Sequence[tuple[str, bytes]], ids: Sequence[str], most: int) -> Neighbours:
    """The reverse of `pack` for articles in the order of `ids`; neighbours that are not among them are left out."""
    place = {key(each): at for at, each in enumerate(ids)}
    items = np.full((len(ids), most), NONE, dtype=np.int32)
    weights = np.zeros((len(ids), most), dtype=np.float32)
    for article_id, some in packed:
        at = place.get(key(article_id))
        if at is None:
            continue
        rows = np.frombuffer(some, dtype=ROW)[:most]
        width = ROW.itemsize
        named = [place.get(some[start : start + 16], NONE) for start in range(0, len(rows) * width, width)]
        items[at, : len(rows)], weights[at, : len(rows)] = named, rows["weight"]
    return Neighbours(items, weights)
