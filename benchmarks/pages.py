"""Pages to measure with, served as a feed by a process of their own: real ones if the development data is there."""

from __future__ import annotations

import gzip
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from xml.sax.saxutils import escape

from stonehand.sample import Newsroom


def load(most: int) -> dict[str, bytes]:
    """Path -> HTML of at most `most` pages: of $STONEHAND_TEST_DATA/pages, else of the sample newsroom."""
    folder = Path(os.environ.get("STONEHAND_TEST_DATA", "")) / "pages" / "html"
    if folder.is_dir():
        files = sorted(folder.glob("*.html.gz"))[:most]
        return {f"/pages/{path.name.split('.')[0]}": gzip.decompress(path.read_bytes()) for path in files}
    sys.stderr.write("STONEHAND_TEST_DATA is not set, so the pages of the sample newsroom are used\n")
    with Newsroom() as newsroom:
        routes = newsroom._server.paths
        pages = [(path, route.body()) for path, route in routes.items() if b"<article" in route.body()]
    return dict(pages[:most])


@contextmanager
def served(pages: dict[str, bytes]) -> Iterator[str]:
    """The address of a server, in its own process, with a feed of all pages at /feed.xml."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(pages, theirs), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.kill()
        process.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, pages: dict[str, bytes], *rest: object) -> None:
        self.pages = pages
        super().__init__(*rest)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        body = self.pages.get(self.path)
        self.send_response(200 if body is not None else 404)
        kind = "application/rss+xml" if self.path.endswith(".xml") else "text/html"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library chose the name
        """Say nothing."""


def _serve(pages: dict[str, bytes], pipe: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, pages))
    address = f"http://127.0.0.1:{server.server_port}"
    items = "".join(f"<item><title>{escape(path)}</title><link>{address}{path}</link></item>" for path in pages)
    feed = f'<rss version="2.0"><channel><title>Pages</title><link>{address}</link>{items}</channel></rss>'
    pages["/feed.xml"] = feed.encode()
    pipe.send(server.server_port)
    server.serve_forever()
