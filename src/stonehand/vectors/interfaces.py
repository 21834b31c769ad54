"""What every index of vectors does. The database holds the truth: an index may be thrown away and made again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from stonehand.nlp.vectors import Row


@dataclass(frozen=True)
class Near:
    """An article and how close it is: the cosine, 1 for the same direction."""

    id: str
    cosine: float


class Index(Protocol):
    """Vectors of one model by the id of their article. Many processes may use one at once."""

    def put(self, ids: Sequence[str], rows: Row) -> int:
        """Add vectors, or replace those of known ids; rows are float32 [len(ids), 384], of length 1.

        Returns how many were new or other than before. Raises `VectorUnfit`.
        """

    def remove(self, ids: Collection[str]) -> int:
        """Forget these, bytes and all; unknown ones do not matter. Returns how many there were."""

    def nearest(self, row: Row, k: int) -> list[Near]:
        """The closest `k`, the closest first. Raises `VectorUnfit`."""

    def count(self) -> int:
        """How many vectors are in it."""

    def clear(self) -> None:
        """Forget all."""
