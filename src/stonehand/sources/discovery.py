"""What a web page says about itself: the feeds it offers, and whether it is an article."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from stonehand.sources import tag_guard
from stonehand.sources.addresses import absolute, canonical_url
from stonehand.sources.cleaning import one_line
from stonehand.sources.decoding import decode

COMMON_PATHS = ("/feed", "/rss.xml", "/feed.xml", "/atom.xml", "/rss", "/index.xml", "/feed.json")
SITEMAP_PATHS = ("/news-sitemap.xml", "/sitemap.xml", "/sitemap_index.xml")
_FEED_TYPES = {
    "application/rss+xml": "RSS",
    "application/atom+xml": "Atom",
    "application/feed+json": "JSON Feed",
    "application/json": "JSON Feed",
    "application/rdf+xml": "RSS",
    "text/xml": "RSS",
}
_ARTICLE_TYPES = {"Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "TechArticle", "ScholarlyArticle"}
_COMMENTS = re.compile(r"comment|kommentar", re.IGNORECASE)
_ROBOTS = re.compile(r"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_LONG_TEXT = 1_000  # characters in paragraphs; menus and lists of teasers seldom have as many


@dataclass(frozen=True)
class Offer:
    """A feed that a page names."""

    url: str
    title: str = ""
    format: str = ""


@dataclass(frozen=True)
class Page:
    """What an HTML page says about itself. `is_article` is a judgement by its marks, or by its length without any."""

    title: str
    offers: tuple[Offer, ...]
    is_article: bool
    language: str | None = None


def examine(body: bytes, url: str, charset: str | None = None) -> Page:
    """Look at an HTML page that came from `url`. Never fails: a page that says nothing offers nothing."""
    root = _tree(decode(body, charset))
    if root is None:
        return Page("", (), False)
    base = absolute(url, _first(root, "//base/@href")) or url
    offers = _offers(root, base)
    return Page(
        title=one_line(_first(root, "//meta[@property='og:title']/@content") or _first(root, "//title/text()"), 300),
        offers=offers,
        is_article=_is_article(root, url, bool(offers)),
        language=_first(root, "/html/@lang") or None,
    )


def _tree(text: str) -> etree._Element | None:
    if tag_guard.overloaded(text):
        return None
    without = re.sub(r"^\s*<\?xml[^>]{0,300}\?>", "", text.replace("\x00", ""), count=1)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        return html.document_fromstring(without.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None


def _first(root: etree._Element, path: str) -> str:
    found = root.xpath(path)
    return str(found[0]) if isinstance(found, list) and found else ""


def _offers(root: etree._Element, base: str) -> tuple[Offer, ...]:
    found: dict[str, Offer] = {}
    for link in root.iter("link", "a"):
        if offer := _offer(link, base):
            found.setdefault(canonical_url(offer.url), offer)
    return tuple(sorted(found.values(), key=lambda offer: bool(_COMMENTS.search(f"{offer.url} {offer.title}"))))


def _offer(link: etree._Element, base: str) -> Offer | None:
    rels = (link.get("rel") or "").lower().split()
    kind = (link.get("type") or "").lower().partition(";")[0].strip()
    url = absolute(base, link.get("href"))
    if url is None or "stylesheet" in rels or not ("feed" in rels or ("alternate" in rels and kind in _FEED_TYPES)):
        return None
    if "/wp-json/" in url or "oembed" in url:
        return None
    return Offer(url, one_line(link.get("title"), 200), _FEED_TYPES.get(kind, ""))


def _is_article(root: etree._Element, url: str, offers_feeds: bool) -> bool:
    if is_front(url):
        return False
    if _first(root, "//meta[@property='og:type']/@content").lower() in ("article", "news.article", "blogpost"):
        return True
    if _first(root, "//meta[@property='article:published_time']/@content") or _says_article(root):
        return True
    articles = len(list(root.iter("article")))
    return articles <= 1 and (articles == 1 or not offers_feeds) and _is_long(root)


def _is_long(root: etree._Element) -> bool:
    length = 0
    for paragraph in root.iter("p"):
        length += sum(len(text) for text in paragraph.itertext())
        if length > _LONG_TEXT:
            return True
    return False


def _says_article(root: etree._Element) -> bool:
    for script in root.iter("script"):
        if (script.get("type") or "").lower() == "application/ld+json" and script.text:
            try:
                data = json.loads(script.text)
            except (ValueError, RecursionError):
                continue
            if _types(data) & _ARTICLE_TYPES:
                return True
    return False


def _types(data: object) -> set[str]:
    """Types of the thing and of the members of its graph; lists of teasers lie deeper and do not count."""
    graph = data.get("@graph", [data]) if isinstance(data, dict) else data
    found: set[str] = set()
    for thing in graph if isinstance(graph, list) else []:
        kind = thing.get("@type") if isinstance(thing, dict) else None
        found.update(str(each) for each in (kind if isinstance(kind, list) else [kind]))
    return found


def front_of(url: str) -> str:
    """The address of the front page of the site that this is on."""
    return urljoin(url, "/")


def is_front(url: str) -> bool:
    """Whether this is the address of a site's front page."""
    return urlsplit(url).path in ("", "/")


def common_places(url: str) -> list[str]:
    """Where sites keep a feed that they do not mention."""
    return [urljoin(url, path) for path in COMMON_PATHS]


def robots_place(url: str) -> str:
    """Where a site's robots.txt is."""
    return urljoin(url, "/robots.txt")


def sitemap_places(url: str, robots: str = "") -> list[str]:
    """Where a site's sitemap may be: what its robots.txt names, then the usual places."""
    named = [place for match in _ROBOTS.findall(robots[:500_000])[:5] if (place := absolute(url, match))]
    usual = [urljoin(url, path) for path in SITEMAP_PATHS]
    return list(dict.fromkeys([*named, *usual]))
