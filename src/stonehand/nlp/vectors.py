"""Vectors as bytes: float16, little endian, 768 bytes for 384 numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float32]


def pack(row: NDArray[np.floating]) -> bytes:
    """The bytes of one vector; keeps cosines to about 0.0005."""
    return np.asarray(row, dtype="<f2").tobytes()


def unpack(packed: bytes) -> Row:
    """The float32 vector that `pack` was given."""
    return np.frombuffer(packed, dtype="<f2").astype(np.float32)


def stack(packed: Sequence[bytes], width: int = 384) -> Row:
    """float32 [len(packed), width]; [0, width] if there are none."""
    if not packed:
        return np.zeros((0, width), dtype=np.float32)
    return np.frombuffer(b"".join(packed), dtype="<f2").reshape(len(packed), -1).astype(np.float32)


def unit(rows: NDArray[np.floating]) -> Row:
    """The same rows (or one row) scaled to length 1; a row of zeros stays."""
    length = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-12), dtype=np.float32)
