"""Which path of the sample newsroom answers with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from stonehand.sample import feeds, pages
from stonehand.sample.content import articles
from stonehand.sample.edition import Edition
from stonehand.sample.outlets import BROKEN, OUTLETS, SLOW

HTML = "text/html; charset=utf-8"
XML = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True)
class Route:
    """An answer that is made when it is asked for; `seconds` is how long it takes to trickle out."""

    media_type: str
    modified: datetime
    render: Callable[[], str]
    encoding: str = "utf-8"
    seconds: float = 0.0

    def body(self) -> bytes:
        """The answer's bytes."""
        return self.render().encode(self.encoding, errors="xmlcharrefreplace")


def _feed_routes(edition: Edition, slow_seconds: float) -> dict[str, Route]:
    gazette, courier, post, review, wire, anzeiger = OUTLETS.values()
    main: list[tuple[str, Callable[[], str]]] = [
        (gazette.slug, partial(feeds.rss, edition, gazette, full=True)),
        (courier.slug, partial(feeds.rss, edition, courier, tracked=True)),
        (post.slug, partial(feeds.atom, edition, post)),
        (review.slug, partial(feeds.json_feed, edition, review)),
        (wire.slug, partial(feeds.sitemap, edition, wire)),
        (anzeiger.slug, partial(feeds.rss, edition, anzeiger, encoding="iso-8859-1")),
    ]
    found = {
        f"/{slug}/{OUTLETS[slug].feed}": Route(
            OUTLETS[slug].media_type,
            edition.changed(OUTLETS[slug], "main"),
            render,
            encoding="iso-8859-1" if slug == anzeiger.slug else "utf-8",
        )
        for slug, render in main
    }
    community = partial(feeds.rss, edition, courier, feed="community")
    changed = edition.changed(courier, "community")
    found[f"/{SLOW}"] = Route(XML, changed, community, seconds=slow_seconds)
    found[f"/{BROKEN}"] = Route(XML, edition.changed(gazette), partial(feeds.broken, edition, gazette))
    return found


def _page_routes(edition: Edition) -> dict[str, Route]:
    found = {
        f"/{outlet.slug}/": Route(HTML, edition.changed(outlet), partial(pages.front_page, edition, outlet))
        for outlet in OUTLETS.values()
    }
    for article in articles():
        path = edition.url(article).removeprefix(edition.address)
        found[path] = Route(HTML, edition.updated(article), partial(pages.article_page, edition, article))
    return found


def _robots(edition: Edition) -> str:
    return f"User-agent: *\nAllow: /\nCrawl-delay: 0\nSitemap: {edition.address}/kestrel-wire/sitemap.xml\n"


def routes(edition: Edition, slow_seconds: float) -> dict[str, Route]:
    """Every path that answers 200."""
    return {
        "/": Route(HTML, edition.epoch, partial(pages.index_page, edition)),
        "/robots.txt": Route("text/plain; charset=utf-8", edition.epoch, partial(_robots, edition)),
        "/outlets.opml": Route("text/x-opml; charset=utf-8", edition.epoch, partial(feeds.opml, edition)),
        **_page_routes(edition),
        **_feed_routes(edition, slow_seconds),
    }
