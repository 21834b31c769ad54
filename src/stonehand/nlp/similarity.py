"""Which rows of a matrix are nearest to a vector."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def top(matrix: NDArray[np.float32], query: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
    """The `k` rows with the highest cosine to `query`, best first, as (row, cosine); rows and query have length 1."""
    if not len(matrix) or k < 1:
        return []
    cosines = matrix @ query
    best = np.argpartition(cosines, -k)[-k:] if k < len(cosines) else np.arange(len(cosines))
    ordered = best[np.lexsort((best, -cosines[best]))]
    return [(int(row), float(cosines[row])) for row in ordered]
