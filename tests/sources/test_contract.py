"""Every kind of ours keeps the contract, with servers that look like the real ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stonehand.plugins.feed import Feed
from stonehand.plugins.hackernews import HackerNews
from stonehand.plugins.json_api import JsonApi
from stonehand.plugins.query_feed import QueryFeed
from stonehand.plugins.reddit import Reddit
from stonehand.plugins.sitemap import Sitemap
from stonehand.plugins.watch import Watch
from stonehand.sources.contract import SourceContract, Thing
from tests.lookalikes import services


class TestRss(SourceContract):
    kind = Feed()
    content_type = "application/rss+xml"

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        return services.rss(things)


class TestAtom(SourceContract):
    kind = Feed()
    content_type = "application/atom+xml"

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        entries = "".join(
            f"<entry><id>tag:{each.number}</id><title>{each.title}</title><link href='{each.url}'/>"
            f"<updated>{each.published.isoformat()}</updated></entry>"
            for each in things
        )
        return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>{entries}</feed>'


class TestJsonFeed(SourceContract):
    kind = Feed()
    content_type = "application/feed+json"

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        items = [{"id": str(each.number), "url": each.url, "title": each.title} for each in things]
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "News", "items": items})


class TestSitemap(SourceContract):
    kind = Sitemap()
    content_type = "application/xml"

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        pages = "".join(
            f"<url><loc>{each.url}</loc><lastmod>{each.published.isoformat()}</lastmod></url>" for each in things
        )
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{pages}</urlset>'


class TestNewsSitemap(SourceContract):
    kind = Sitemap()
    content_type = "application/xml"

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        pages = "".join(
            f"<url><loc>{each.url}</loc><n:news><n:publication_date>{each.published.isoformat()}</n:publication_date>"
            f"<n:title>{each.title}</n:title></n:news></url>"
            for each in things
        )
        return f"<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>{pages}</urlset>"


class TestWatch(SourceContract):
    kind = Watch()
    content_type = "text/html"
    empty_is_trouble = True
    bad_options = ({}, {"item": ""}, {"item": "li >"}, {"item": "li", "link": "a:hover"}, {"item": "x" * 300})

    def options(self, base: str) -> Mapping[str, Any]:
        return {"item": "article.teaser", "link": "h2 a", "date": "time"}

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        return services.front_page(things)


class TestHackerNewsSearch(SourceContract):
    kind = HackerNews()
    bad_options = ({"stories": "old"}, {"points": -1}, {"colour": "red"}, {"most": 10_000})

    def options(self, base: str) -> Mapping[str, Any]:
        return {"search_at": base, "query": "what happened", "most": 200}

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        assert parse_qs(urlsplit(path).query)["query"] == ["what happened"]
        return services.algolia(things)


class TestHackerNewsList(SourceContract):
    kind = HackerNews()
    conditional = False

    def options(self, base: str) -> Mapping[str, Any]:
        return {"lists_at": base, "stories": "top"}

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        return services.firebase(path, things)


class TestRedditJson(SourceContract):
    kind = Reddit()
    bad_options = ({"sort": "best"}, {"form": "xml"}, {"points": "many"})

    def url(self, base: str) -> str:
        return f"{base}/r/news"

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        assert path.startswith("/r/news/new.json?")
        return services.reddit_listing(things)


class TestRedditRss(SourceContract):
    kind = Reddit()
    content_type = "application/atom+xml"

    def url(self, base: str) -> str:
        return f"{base}/r/news/"

    def options(self, base: str) -> Mapping[str, Any]:
        return {"form": "rss"}

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        assert path.startswith("/r/news/new.rss?")
        return services.reddit_feed(things)


class TestQueryFeed(SourceContract):
    kind = QueryFeed()
    content_type = "application/rss+xml"
    bad_options = ({}, {"query": ""}, {"query": "x", "country": "Austria"}, {"query": "x", "language": "german!"})

    def options(self, base: str) -> Mapping[str, Any]:
        return {"query": "tide gates", "language": "de", "country": "AT"}

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        asked = parse_qs(urlsplit(path).query)
        assert (asked["q"], asked["hl"], asked["gl"], asked["ceid"]) == (["tide gates"], ["de-AT"], ["AT"], ["AT:de"])
        return services.query_feed(things, base)


class TestJsonApi(SourceContract):
    kind = JsonApi()
    bad_options = ({}, {"link": "url", "pages": 0}, {"link": "url", "pages": 11}, {"items": "data"})

    def options(self, base: str) -> Mapping[str, Any]:
        return {"items": "data.items", "link": "web.url", "title": "headline", "id": "id", "date": "published"}

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        return services.json_list(things)


class TestJsonPages(SourceContract):
    """The same over several pages, with a pattern for the addresses."""

    kind = JsonApi()

    def options(self, base: str) -> Mapping[str, Any]:
        pattern = "https://news.example/{id}"
        return {"items": "data.items", "pattern": pattern, "title": "headline", "page": "page", "pages": 10}

    def answer(self, path: str, things: Sequence[Thing], base: str) -> str:
        number = int(parse_qs(urlsplit(path).query)["page"][0])
        return services.json_list(things[(number - 1) * 100 : number * 100])


def test_the_servers_escape_what_they_say() -> None:
    assert escape("<") in services.rss([Thing(1, "<b>", "https://news.example/?a=1&b=2", services.NEVER)])
