"""Letters that somebody handed in: files, and what mail services send."""

from __future__ import annotations

from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import Asked, Collected, Fetch, NothingToPoll


class Letters:
    """Letters come by themselves, or are uploaded. Nothing is there to be polled."""

    kind = "letters"
    title = "letters"
    polled = False

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        raise NothingToPoll("letters are handed in; upload some, or let a mail service send them")


@hookimpl
def register_sources(register: Register) -> None:
    register(Letters())
