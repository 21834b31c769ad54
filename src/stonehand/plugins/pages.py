"""A list of single pages, added by hand."""

from __future__ import annotations

from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import Asked, Collected, Fetch, NothingToPoll


class Pages:
    """Pages that somebody chose one by one. Nothing is there to be polled."""

    kind = "pages"
    title = "list of pages"
    polled = False

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        raise NothingToPoll("a list of pages never changes by itself; add a page to it instead")


@hookimpl
def register_sources(register: Register) -> None:
    register(Pages())
