"""An index on a Qdrant server, by its REST interface (qdrant.tech, version 1.10 or newer).

Vectors of each model have a collection of their own. A point's id is the article's, which is a UUID.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np

from stonehand import config, http_client
from stonehand.errors import StonehandError
from stonehand.http_client import PageMissing, Request, RequestRefused, named
from stonehand.nlp.vectors import Row
from stonehand.vectors.errors import IndexRefused, IndexUnavailable, VectorUnfit
from stonehand.vectors.interfaces import Near
from stonehand.vectors.signs import WIDTH

TOGETHER = 256  # points in one request
TIMEOUT = 30.0  # seconds
MOST_BYTES = 20_000_000


class QdrantIndex:
    """One collection. Waits for the network, so call it with no transaction open. Raises `IndexUnavailable`."""

    def __init__(self, url: str, collection: str, api_key: str = "") -> None:
        self.url, self.collection, self._key = url.rstrip("/"), collection, api_key

    def put(self, ids: Sequence[str], rows: Row) -> int:
        if rows.ndim != 2 or rows.shape[1] != WIDTH or not np.isfinite(rows).all():
            raise VectorUnfit(f"a vector must have {WIDTH} finite numbers")
        self._prepare()
        for start in range(0, len(ids), TOGETHER):
            part = range(start, min(start + TOGETHER, len(ids)))
            points = [
                {"id": _point(ids[at]), "vector": rows[at].tolist(), "payload": {"article_id": ids[at]}} for at in part
            ]
            self._ask("PUT", "/points?wait=true", {"points": points})
        return len(ids)

    def remove(self, ids: Collection[str]) -> int:
        listed, before = list(ids), self.count()
        for start in range(0, len(listed), TOGETHER):
            points = [_point(each) for each in listed[start : start + TOGETHER]]
            with suppress(PageMissing):
                self._ask("POST", "/points/delete?wait=true", {"points": points})
        return before - self.count()

    def nearest(self, row: Row, k: int) -> list[Near]:
        if row.shape != (WIDTH,):
            raise VectorUnfit(f"a vector must have {WIDTH} numbers, not {row.shape[-1]}")
        if k < 1:
            return []
        asked = {"query": row.tolist(), "limit": k, "with_payload": True}
        try:
            points = self._ask("POST", "/points/query", asked)["points"]
            found = [Near(str(each["payload"]["article_id"]), float(each["score"])) for each in points]
        except PageMissing:
            return []
        except (KeyError, TypeError, ValueError) as error:
            raise IndexUnavailable(f"Qdrant at {self.url} gave an answer of another form: {error!r}") from error
        return sorted(found, key=lambda each: (-each.cosine, each.id))

    def count(self) -> int:
        try:
            return int(self._ask("POST", "/points/count", {"exact": True})["count"])
        except PageMissing:
            return 0

    def clear(self) -> None:
        with suppress(PageMissing):
            self._ask("DELETE", "")

    def _prepare(self) -> None:
        try:
            self._ask("GET", "")
        except PageMissing:
            with suppress(IndexRefused):  # another process was quicker
                self._ask("PUT", "", {"vectors": {"size": WIDTH, "distance": "Cosine"}})

    def _ask(self, method: str, path: str, asked: dict[str, Any] | None = None) -> Any:
        """The `result` of the answer. Raises `PageMissing` if there is no such collection, or `IndexUnavailable`."""
        headers = {"content-type": "application/json", "connection": "close"}
        if self._key:
            headers["api-key"] = self._key
        body = None if asked is None else json.dumps(asked).encode()
        url = f"{self.url}/collections/{quote(self.collection, safe='')}{path}"
        request = Request(url, method, headers, body, max_bytes=MOST_BYTES, timeout=TIMEOUT, breaker=False)
        try:
            with named.url_reachable(url):
                reply = http_client.fetch(request)
            return json.loads(reply.body)["result"]
        except PageMissing:
            raise
        except RequestRefused as error:
            said = error.body[:300].decode("utf-8", "replace").strip()
            raise IndexRefused(
                f"Qdrant at {self.url} refuses ({error.code}): {said or 'without a word'}; look at QDRANT_API_KEY "
                f"and at its log"
            ) from error
        except StonehandError as error:
            raise IndexUnavailable(f"Qdrant at {self.url} does not do what it is asked: {error}", 15) from error
        except (ValueError, KeyError, TypeError) as error:
            raise IndexUnavailable(
                f"what answers at {self.url} does not speak as Qdrant does: {error!r}", 60
            ) from error


def configured(model: str) -> QdrantIndex | None:
    """The index of this model on the server of `QDRANT_URL`; None if there is none."""
    settings = config.settings()
    if not settings.qdrant_url:
        return None
    return QdrantIndex(
        settings.qdrant_url, f"{settings.qdrant_collection}-{model}", settings.qdrant_api_key.get_secret_value()
    )


def _point(article_id: str) -> str:
    try:
        return str(UUID(article_id))
    except ValueError:
        return str(uuid5(NAMESPACE_URL, article_id))
