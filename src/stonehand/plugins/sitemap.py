"""Sitemaps: for sites that have no feed, or lost it."""

from __future__ import annotations

from dataclasses import replace

from stonehand.hookspecs import Register, hookimpl
from stonehand.sources.interfaces import (
    Asked,
    Collected,
    Fetch,
    Reading,
    Request,
    Unreadable,
    distinct,
    read_sitemap,
    unchanged,
)

CHILDREN = 3  # the newest sitemaps of an index; older ones hold nothing new


class Sitemap:
    """A sitemap, a news sitemap, or an index of them."""

    kind = "sitemap"
    title = "sitemap"
    polled = True

    def collect(self, asked: Asked, fetch: Fetch) -> Collected:
        reply = fetch(Request(asked.url, etag=asked.etag, modified=asked.modified, accept="application/xml, */*;q=0.5"))
        if reply.not_modified:
            return unchanged(asked)
        sitemap = read_sitemap(reply.body, reply.url, reply.charset)
        if sitemap.children:
            # An index does not always change when its children do, so it is never asked conditionally.
            return Collected(_newest([child.url for child in sitemap.children], fetch), url=reply.url)
        return Collected(sitemap.reading, etag=reply.etag, modified=reply.modified, url=reply.url)


def _newest(urls: list[str], fetch: Fetch) -> Reading:
    readings, warnings = [], []
    for url in urls[:CHILDREN]:
        reply = fetch(Request(url, accept="application/xml, */*;q=0.5"))
        try:
            readings.append(read_sitemap(reply.body, reply.url, reply.charset).reading)
        except Unreadable as error:
            warnings.append(f"{url}: {error}")
    if warnings and not readings:
        raise Unreadable("; ".join(warnings))
    entries = distinct(each for reading in readings for each in reading.entries)
    return replace(Reading("sitemap index"), entries=entries, warnings=tuple(warnings))


@hookimpl
def register_sources(register: Register) -> None:
    register(Sitemap())
