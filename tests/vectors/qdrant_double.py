"""A small stand-in for a Qdrant server: the seven requests that we send, answered as Qdrant 1.15 documents them.

It keeps vectors in memory and compares them by cosine; it knows no filters, shards or quantisation.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import numpy as np

KEY = "key-of-the-double"


class QdrantDouble:
    """A server on a free port of this machine. `broken` makes it answer so instead."""

    def __init__(self) -> None:
        self.collections: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        self.broken: tuple[int, bytes] | None = None
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"double": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        parts = path.partition("?")[0].strip("/").split("/")
        if parts[0] != "collections":
            return 404, "Not found"
        name, rest = parts[1], "/".join(parts[2:])
        found = self.collections.get(name)
        if method == "PUT" and not rest:
            if found:
                return 409, f"Wrong input: Collection `{name}` already exists!"
            self.collections[name] = {"size": body["vectors"]["size"], "points": {}}
            return 200, True
        if method == "DELETE" and not rest:
            return 200, self.collections.pop(name, None) is not None
        if found is None:
            return 404, f"Not found: Collection `{name}` doesn't exist!"
        return self._of_collection(found, method, rest, body)

    def _of_collection(  # noqa: PLR0911  one for each request
        self, found: dict[str, Any], method: str, rest: str, body: Any
    ) -> tuple[int, Any]:
        points = found["points"]
        if method == "GET" and not rest:
            return 200, {"status": "green", "points_count": len(points)}
        if method == "PUT" and rest == "points":
            for point in body["points"]:
                UUID(point["id"])
                if len(point["vector"]) != found["size"]:
                    return 400, f"Wrong input: Vector dimension error: expected dim: {found['size']}"
                points[point["id"]] = point
            return 200, {"operation_id": len(self.asked), "status": "completed"}
        if rest == "points/delete":
            for each in body["points"]:
                points.pop(each, None)
            return 200, {"operation_id": len(self.asked), "status": "completed"}
        if rest == "points/count":
            return 200, {"count": len(points)}
        if rest == "points/query":
            return 200, {"points": _nearest(points, body)}
        return 404, "Not found"


def _nearest(points: dict[str, Any], body: Any) -> list[dict[str, Any]]:
    def cosine(point: dict[str, Any]) -> float:
        left, right = np.array(point["vector"]), np.array(body["query"])
        return float(left @ right / max(float(np.linalg.norm(left) * np.linalg.norm(right)), 1e-12))

    scored = sorted(points.values(), key=lambda point: -cosine(point))[: body["limit"]]
    return [{"id": each["id"], "version": 0, "score": cosine(each), "payload": each["payload"]} for each in scored]


class _Handler(BaseHTTPRequestHandler):
    double: QdrantDouble

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        with self.double.lock:
            self.double.asked.append(f"{self.command} {self.path}")
            if self.headers.get("api-key") != KEY:
                status, answer = 401, b"Must provide an API key or an Authorization bearer token"
            elif self.double.broken:
                status, answer = self.double.broken
            else:
                status, result = self.double.answer(self.command, self.path, json.loads(body) if body else None)
                shape = {"result": result} if status == 200 else {"status": {"error": result}}
                answer = json.dumps({"time": 0.001, "status": "ok"} | shape).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""
