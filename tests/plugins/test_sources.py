"""What each kind of source does beyond the contract."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from lxml import html

from stonehand.http_client import PageMissing, Reply, Request
from stonehand.plugins.hackernews import HackerNews
from stonehand.plugins.json_api import JsonApi
from stonehand.plugins.query_feed import QueryFeed
from stonehand.plugins.reddit import Reddit
from stonehand.plugins.urls import Urls
from stonehand.plugins.watch import Watch
from stonehand.plugins.watch_selectors import SelectorMalformed, find, to_xpath
from stonehand.sources.contract import things
from stonehand.sources.interfaces import Asked, Collected, Document, SelectorsBroken
from tests.lookalikes import services

Body = Callable[[str], str]


def collect(kind: Any, url: str, body: Body, **options: Any) -> tuple[Collected, list[str]]:
    urls: list[str] = []

    def fetch(request: Request) -> Reply:
        urls.append(request.url)
        return Reply(request.url, 200, {}, body(request.url).encode())

    whole: Mapping[str, Any] = kind.options.model_validate(options).model_dump()
    return kind.collect(Asked(url, options=whole), fetch), urls


# ── Hacker News ──


def test_hacker_news_keeps_what_has_points_and_comments_enough() -> None:
    found, (url,) = collect(
        HackerNews(), "", lambda _: services.algolia(things(5, 9, 20)), query="sea", points=9, comments=30
    )
    assert "numericFilters=points%3E%3D9%2Cnum_comments%3E%3D30" in url
    (story,) = found.reading.entries
    assert story.summary == "20 points, 40 comments: https://news.ycombinator.com/item?id=20"


def test_a_question_at_hacker_news_is_read_there() -> None:
    hit = {"objectID": "7", "title": "Ask HN: Why?", "url": None, "story_text": "<p>Because</p>", "author": "a"}
    found, _ = collect(HackerNews(), "", lambda _: json.dumps({"hits": [hit]}), stories="ask")
    (story,) = found.reading.entries
    assert (story.url, story.content_html) == ("https://news.ycombinator.com/item?id=7", "<p>Because</p>")


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("https://news.ycombinator.com/", {"stories": "front"}),
        ("https://news.ycombinator.com/best", {"stories": "best"}),
        ("https://hn.algolia.com/?q=tide+gates", {"query": "tide gates"}),
        ("https://news.ycombinator.com/item?id=1", None),
        ("https://example.org/best", None),
    ],
)
def test_hacker_news_knows_its_addresses(url: str, options: dict[str, Any] | None) -> None:
    claim = HackerNews().claim(url)
    assert (claim and claim.options) == options


def test_one_story_that_is_missing_spoils_no_list() -> None:
    def fetch(request: Request) -> Reply:
        if request.url.endswith("item/2.json"):
            raise PageMissing("it does not exist (404)", 404)
        path = request.url.removeprefix("https://hacker-news.firebaseio.com")
        return Reply(request.url, 200, {}, services.firebase(path, things(1, 2, 3)).encode())

    found = HackerNews().collect(Asked("", options={"stories": "top"}), fetch)
    assert len(found.reading.entries) == 2
    assert found.reading.warnings == ("story 2: it does not exist (404)",)


# ── Reddit ──


def test_reddit_keeps_what_has_points_enough() -> None:
    found, _ = collect(
        Reddit(), "https://www.reddit.com/r/x", lambda _: services.reddit_listing(things(1, 9)), points=5
    )
    assert [each.summary for each in found.reading.entries] == [
        "9 points, 5 comments: https://www.reddit.com/r/news/comments/9/slug/"
    ]


@pytest.mark.parametrize(
    ("url", "claimed"),
    [
        ("https://old.reddit.com/r/python/top/", ("https://www.reddit.com/r/python", {"sort": "top"})),
        ("https://reddit.com/u/somebody", ("https://www.reddit.com/u/somebody", {})),
        ("https://www.reddit.com/r/python/comments/1abc/slug/", None),
        ("https://notreddit.com/r/python", None),
    ],
)
def test_reddit_knows_its_addresses(url: str, claimed: tuple[str, dict[str, Any]] | None) -> None:
    claim = Reddit().claim(url)
    assert (claim and (claim.url, claim.options)) == claimed


# ── a search for news ──


def test_links_of_a_search_that_do_not_tell_are_asked_for_once() -> None:
    base, asked = "https://search.example/rss", list[str]()
    listed = things(1, 2)
    items = "".join(services._item(each, f"https://search.example/go/{each.number}") for each in listed)

    def fetch(request: Request) -> Reply:
        asked.append(request.url)
        if "/go/1" in request.url:
            return Reply("https://news.example/1", 200, {}, b"")
        if "/go/2" in request.url:
            raise PageMissing("gone", 410)
        return Reply(request.url, 200, {}, f"<rss><channel>{items}</channel></rss>".encode())

    question = Asked(base, options={"query": "tide"})
    found = QueryFeed().collect(question, fetch)
    assert [each.url for each in found.reading.entries] == ["https://news.example/1", "https://search.example/go/2"]
    asked.clear()
    QueryFeed().collect(replace(question, since=listed[-1].published), fetch)
    assert len(asked) == 1


def test_a_link_may_tell_in_a_parameter() -> None:
    item = "<item><title>A title that is long - Paper</title><link>https://s.example/click?url=https%3A%2F%2Fp.example%2F1</link></item>"
    found, _ = collect(QueryFeed(), "https://s.example/", lambda _: f"<rss><channel>{item}</channel></rss>", query="x")
    assert [(each.url, each.title) for each in found.reading.entries] == [
        ("https://p.example/1", "A title that is long")
    ]


# ── JSON ──


def test_paging_ends_where_the_last_look_began() -> None:
    def page(url: str) -> str:
        number = int(url.rpartition("=")[2])
        body = json.loads(services.json_list(things(100 - number)))
        return json.dumps(body | {"next": f"/list?page={number + 1}"})

    options = {"items": "data.items", "link": "web.url", "title": "headline", "date": "published", "next": "next"}
    _, urls = collect(JsonApi(), "https://api.example/list?page=1", page, pages=5, **options)
    assert len(urls) == 5
    whole = JsonApi.options.model_validate({**options, "pages": 5}).model_dump()
    asked = list[str]()

    def fetch(request: Request) -> Reply:
        asked.append(request.url)
        return Reply(request.url, 200, {}, page(request.url).encode())

    since = things(98)[0].published
    JsonApi().collect(Asked("https://api.example/list?page=1", options=whole, since=since), fetch)
    assert [url[-1] for url in asked] == ["1", "2", "3"]


def test_a_mark_leads_to_the_next_page() -> None:
    def page(url: str) -> str:
        return json.dumps({"items": [{"title": url[-1], "url": f"https://x.example/{url[-1]}"}], "cursor": "b"})

    _, urls = collect(
        JsonApi(), "https://api.example/?k=1", page, items="items", link="url", next="cursor", mark="after", pages=2
    )
    assert urls == ["https://api.example/?k=1", "https://api.example/?k=1&after=b"]


def test_wrong_paths_say_so() -> None:
    with pytest.raises(SelectorsBroken, match="no list at ‘things’"):
        collect(JsonApi(), "https://a.example", lambda _: "{}", items="things", link="url")
    with pytest.raises(SelectorsBroken, match="1 items, and none has an address at ‘href’"):
        collect(JsonApi(), "https://a.example", lambda _: '[{"url": "https://x.example"}]', link="href")


def test_paths_are_proposed() -> None:
    body = json.dumps({"meta": {}, "results": [{"headline": "A", "url": "https://x.example/1", "date": "2026-01-02"}]})
    (way,) = JsonApi().ways(Document("https://a.example/", body.encode()))
    assert way.options == {"items": "results", "title": "headline", "link": "url", "date": "date"}
    assert [each.title for each in way.reading.entries] == ["A"]


@pytest.mark.parametrize(
    ("item", "options"),
    [
        (
            {"id": 7, "link": "https://x.example/7", "title": {"rendered": "A"}, "excerpt": {"rendered": "So"}},
            {"id": "id", "link": "link", "title": "title.rendered", "summary": "excerpt.rendered"},
        ),
        (
            {"webTitle": "A", "webUrl": "https://x.example/7", "webPublicationDate": "2026-01-02", "url": "not one"},
            {"title": "webTitle", "link": "webUrl", "date": "webPublicationDate"},
        ),
        (
            {"headline": "A", "web": {"url": "https://x.example/7"}, "image": {"url": "https://x.example/7.jpg"}},
            {"title": "headline", "link": "web.url"},
        ),
        (
            {"title": "A", "url": "/7", "author": {"name": "Jo", "url": "/jo"}},
            {"title": "title", "link": "url", "author": "author.name"},
        ),
    ],
)
def test_paths_are_proposed_where_things_are_nested(item: dict[str, Any], options: dict[str, str]) -> None:
    body = json.dumps({"response": {"results": [item]}}).encode()
    (way,) = JsonApi().ways(Document("https://x.example/", body))
    assert way.options == {"items": "response.results"} | options
    assert [(each.title, each.url) for each in way.reading.entries] == [("A", "https://x.example/7")]


def test_pictures_have_no_addresses_that_are_proposed() -> None:
    body = json.dumps({"items": [{"title": "A", "image": {"url": "https://x.example/7.jpg"}}]}).encode()
    assert JsonApi().ways(Document("https://x.example/", body)) == []


# ── a list of addresses ──


def test_a_list_has_1_to_100_addresses() -> None:
    found, asked = collect(Urls(), "", lambda _: "", urls=["https://a.example/1", "https://a.example/1 ".strip()])
    assert (len(found.reading.entries), asked) == (1, [])
    for urls in ([], ["https://a.example/"] * 101, ["ftp://a.example"], ["no address"]):
        with pytest.raises(ValueError, match="urls"):
            Urls.options.model_validate({"urls": urls})


# ── a watched page ──

PAGE = Document("https://tide.example/", services.front_page(things(*range(1, 9))).encode())


def test_selectors_are_proposed_and_read_the_page() -> None:
    best = Watch().ways(PAGE)[0]
    assert best.options == {"item": "article.teaser", "link": "h2 a", "date": "time", "summary": "p"}
    assert [each.url for each in best.reading.entries] == [each.url for each in things(*range(1, 9))]
    assert best.reading.entries[0].published == things(1)[0].published


@pytest.mark.parametrize(
    "row",
    [
        "<li><a href='/n/{n}'>A headline of some length {n}</a> <span class='date'>2026-01-0{n}</span></li>",
        "<div class='css-{n}x'><h3><a href='/n/{n}'>A headline of some length {n}</a></h3></div>",
        "<tr><td>{n}.</td><td class='t'><a href='/n/{n}'>A headline of some length {n}</a></td></tr>",
        "<a class='card' href='/n/{n}'><h2>A headline of some length {n}</h2></a>",
    ],
)
def test_many_ways_to_write_a_list_are_seen(row: str) -> None:
    rows = "".join(row.format(n=n) for n in range(1, 8))
    rows = f"<table>{rows}</table>" if row.startswith("<tr") else f"<ul id='list'>{rows}</ul>"
    page = f"<html><body><nav><a href='/a'>About this newspaper</a></nav>{rows}</body></html>"
    ways = Watch().ways(Document("https://tide.example/", page.encode()))
    assert [each.url for each in ways[0].reading.entries] == [f"https://tide.example/n/{n}" for n in range(1, 8)]


def test_a_page_without_an_order_gets_no_proposal() -> None:
    assert Watch().ways(Document("https://a.example/", b"<p>Nothing <a href='/x'>to be seen here at all</a></p>")) == []


def test_no_page_takes_long_to_propose_for() -> None:
    many = "".join(f"<p class=a{n % 700}b><a href='/{n}'>A headline of some length {n}</a></p>" for n in range(60_000))
    began = time.process_time()
    Watch().ways(Document("https://a.example/", f"<html><body>{'<div>' * 200}{many}".encode()))
    assert time.process_time() - began < 5


def test_selectors_that_match_nothing_any_more_are_an_alarm() -> None:
    with pytest.raises(SelectorsBroken, match=r"nothing in https://tide.example/ matches ‘li.news’"):
        Watch().read(PAGE, {"item": "li.news"})
    with pytest.raises(SelectorsBroken, match=r"8 items .* no link is at ‘h5 a’"):
        Watch().read(PAGE, {"item": "article.teaser", "link": "h5 a"})


TREE = html.document_fromstring(
    "<div id='top' class='a b'><p class='x' data-k='one two'>1</p><p>2</p>"
    "<section><p lang='de-AT'>3</p></section></div>"
)


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("p", "123"), ("#top > p", "12"), ("div.a.b p.x", "1"), ("section p, p.x", "13"), ("[lang^=de]", "3"),
        ("[lang$='AT']", "3"), ("[data-k~=two]", "1"), ("[data-k*='e t']", "1"), ("p[class]", "1"),
        ("p:nth-child(2)", "2"), ("div > p:first-child", "1"), ("section:last-child p", "3"), ("*.x", "1"),
        ("P", "123"),
    ],
)  # fmt: skip
def test_selectors_find_what_css_finds(selector: str, found: str) -> None:
    assert "".join(each.text or "" for each in find(TREE, selector)) == found


@pytest.mark.parametrize(
    "selector", ["", ">", "p >", "p:hover", "p,", "p::before", "[a=']", "p ]", "a'b", "é|b", "p" * 201]
)
def test_what_is_no_selector_is_refused(selector: str) -> None:
    with pytest.raises(SelectorMalformed):
        to_xpath(selector)
