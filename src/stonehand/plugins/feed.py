"""RSS, Atom and JSON feeds."""

from __future__ import annotations

from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import ACCEPT, Asked, Collected, Fetch, Request, read_feed, unchanged


class Feed:
    """A feed of any of the three formats; it may change its format without notice."""

    kind = "feed"
    title = "feed"
    polled = True

    def question(self, asked: Asked) -> Request:
        return Request(asked.url, etag=asked.etag, modified=asked.modified, accept=ACCEPT)

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        reply = fetch(self.question(asked))
        if reply.not_modified:
            return unchanged(asked)
        reading = read_feed(reply.body, reply.url, reply.charset)
        # What is broken now may be whole in a minute without a new etag: ask for all of it again.
        etag, modified = (reply.etag, reply.modified) if reading.whole else (None, None)
        return Collected(reading, etag=etag, modified=modified, url=reply.url)


@hookimpl
def register_sources(register: Register) -> None:
    register(Feed())
