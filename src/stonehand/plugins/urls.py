"""A list of addresses that somebody gives at once: 1 to 100 of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import Asked, Collected, Fetch, Reading, absolute, distinct, entry

MOST = 100


def _is_url(url: str) -> str:
    if absolute("", url) is None or any(letter.isspace() for letter in url):
        raise ValueError(f"{url[:200]!r} is no http or https address")
    return url


def _apart(given: object) -> object:
    """Addresses that were typed as one text."""
    return given.split() if isinstance(given, str) else given


Url = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_is_url)]


class Options(BaseModel):
    """The addresses."""

    model_config = ConfigDict(extra="forbid")

    urls: Annotated[list[Url], BeforeValidator(_apart)] = Field(
        min_length=1, max_length=MOST, description="1 to 100 addresses of pages, also as one text with blanks between"
    )


class Urls:
    """Pages of one list. It names the same each time, so nothing is gained by looking again and again."""

    kind = "urls"
    title = "list of addresses"
    polled = False
    options = Options

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        options = Options.model_validate(dict(asked.options))
        return Collected(Reading("list", distinct(entry(None, url) for url in options.urls)))


@hookimpl
def register_sources(register: Register) -> None:
    register(Urls())
