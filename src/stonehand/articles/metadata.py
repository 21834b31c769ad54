"""What a page says about itself: JSON-LD first, then OpenGraph and its kin, then what can be guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from stonehand.articles import dates
from stonehand.articles.dates import Moment

ARTICLE_TYPE = re.compile(r"(Article|BlogPosting|Report|Review|SocialMediaPosting|LiveBlogPosting)$")
PAGE_TYPES = ("WebPage", "ItemPage", "DiscussionForumPosting", "QAPage")
TITLE_KEYS = ("og:title", "twitter:title", "parsely-title", "dc.title", "citation_title")
AUTHOR_KEYS = ("author", "byl", "parsely-author", "sailthru.author", "dc.creator", "citation_author", "article:author")
DATE_KEYS = (
    *("article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date"),
    *("publishdate", "pubdate", "publish-date", "dc.date.issued", "dcterms.created", "citation_publication_date"),
)
TAG = re.compile(r"<[^>]{0,200}>")
SPACE = re.compile(r"\s+")
SEPARATED = re.compile(r"\s+[|–—·»-]\s")
BYLINES: Any = XPath(
    "//body//*[@rel='author' or @itemprop='author' or contains(@class, 'byline') or contains(@class, 'author')]"
)
NAME = re.compile(r"(?:[^\W\d_][\w.'’-]*\s){1,3}[^\W\d_][\w.'’-]*")
BYLINE = re.compile(r"^(?:written\s+by|words\s+by|by|von|par|por)[\s:]+", re.IGNORECASE)


@dataclass(frozen=True)
class Metadata:
    """What the page declares; None where it says nothing."""

    title: str | None
    author: str | None
    published: Moment | None
    language: str | None
    image: str | None
    site: str | None
    canonical_url: str | None
    description: str | None


@dataclass(frozen=True)
class _Head:
    """The page's own declarations, found in one walk."""

    tree: HtmlElement
    url: str
    article: dict[str, Any]
    page: dict[str, Any]
    meta: dict[str, str] = field(default_factory=dict)

    def first(self, keys: tuple[str, ...]) -> str | None:
        return next((self.meta[key] for key in keys if self.meta.get(key)), None)


def read(tree: HtmlElement, url: str, latest: datetime, known: Moment | None = None) -> Metadata:
    """Everything that `tree`, fetched from `url`, declares. No date after `latest` is believed.

    `known` is the date that a feed gave; it is preferred to a guess, and the page's own declaration to both.
    """
    head = _head(tree, url)
    site = _site(head)
    return Metadata(
        title=_title(head, site),
        author=_author(head, site),
        published=_published(head, latest) or known or _guessed_date(head, latest),
        language=_language(head),
        image=_absolute(url, head.meta.get("og:image") or head.meta.get("twitter:image") or _image(head.article)),
        site=site,
        canonical_url=_canonical(head),
        description=_plain(head.first(("og:description", "description", "twitter:description"))),
    )


def _head(tree: HtmlElement, url: str) -> _Head:
    meta: dict[str, str] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        content = (element.get("content") or "").strip()
        if key and content:
            meta.setdefault(key.strip().lower(), content)
    nodes = list(_nodes(tree))
    articles = [node for node in nodes if any(ARTICLE_TYPE.search(kind) for kind in _kinds(node))]
    page = next((node for node in nodes if any(kind in PAGE_TYPES for kind in _kinds(node))), {})
    return _Head(tree, url, articles[0] if articles else {}, page, meta)


def _nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    for script in tree.iterfind('.//script[@type="application/ld+json"]'):
        try:
            found = json.loads((script.text or "").strip(), strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _listed(found):
            yield node
            yield from _listed(node.get("@graph"))


def _listed(value: Any) -> list[dict[str, Any]]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _kinds(node: dict[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _title(head: _Head, site: str | None) -> str | None:
    from trafilatura.metadata import extract_title  # noqa: PLC0415  as in extraction

    declared = _plain(head.article.get("headline")) or _plain(head.first(TITLE_KEYS))
    title = declared or _plain(extract_title(head.tree))
    for heading in islice(head.tree.iter("h1"), 3):  # `Heading | Section | Outlet` is the heading
        shown = _plain(heading.text_content())
        if title and shown and title.startswith(shown) and SEPARATED.match(title, len(shown)):
            return shown
    return _without_site(title, site) if title else None


def _without_site(title: str, site: str | None) -> str:
    """`Title | Outlet` and `Outlet - Title` without the outlet."""
    if not site:
        return title
    name = re.escape(site)
    return re.sub(rf"\s+[|–—·»-]\s+{name}\s*$|^\s*{name}\s+[|–—·«:-]\s+", "", title, flags=re.IGNORECASE) or title


def _author(head: _Head, site: str | None) -> str | None:
    names = list(dict.fromkeys(_people(head.article.get("author"))))
    if not names and (declared := _plain(head.first(AUTHOR_KEYS))):
        names = [declared]
    if not names:
        names = list(islice(_bylines(head.tree), 1))
    names = [BYLINE.sub("", name) for name in names if _is_name(name, site)]
    return ", ".join(names)[:300] or None


def _bylines(tree: HtmlElement) -> Iterator[str]:
    """Names that stand alone in an element which calls itself a byline."""
    for element in BYLINES(tree)[:8]:
        text = BYLINE.sub("", _plain(element.text_content()[:300]) or "")
        if NAME.fullmatch(text):
            yield text


def _people(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") if isinstance(item, dict) else item
        for one in name if isinstance(name, list) else [name]:
            if plain := _plain(one):
                yield plain


def _is_name(name: str, site: str | None) -> bool:
    is_address = "://" in name or "@" in name or name.startswith("www.")
    return not is_address and len(name) < 120 and name.casefold() not in {(site or "").casefold(), "admin", "null"}


def _published(head: _Head, latest: datetime) -> Moment | None:
    found = (dates.parse(value, latest) for value in _declared_dates(head))
    return next((moment for moment in found if moment), None)


def _declared_dates(head: _Head) -> list[Any]:
    article = head.article
    declared = [article.get("datePublished"), article.get("dateCreated"), head.first(DATE_KEYS)]
    return [*declared, head.page.get("datePublished")]


def _guessed_date(head: _Head, latest: datetime) -> Moment | None:
    from htmldate import find_date  # noqa: PLC0415  as in extraction

    if any(dates.parse(value, dates.LAST) for value in _declared_dates(head)):
        return None  # it declares a day that has not come; a guess would only be a piece of that
    try:
        guess = find_date(head.tree, extensive_search=False, original_date=True, url=head.url, max_date=latest)
    except (ValueError, TypeError, RecursionError, AttributeError):  # what strange pages do to it
        return None
    return dates.parse(guess, latest)


def _language(head: _Head) -> str | None:
    html = head.tree if head.tree.tag == "html" else None
    declared = html.get("lang") if html is not None else None
    code = declared or head.meta.get("og:locale") or _plain(head.article.get("inLanguage")) or ""
    primary = re.split(r"[-_]", code.strip().lower())[0]
    return primary if re.fullmatch(r"[a-z]{2,3}", primary) else None


def _image(node: dict[str, Any]) -> str | None:
    image = node.get("image")
    first = image[0] if isinstance(image, list) and image else image
    found = first.get("url") if isinstance(first, dict) else first
    return found if isinstance(found, str) else None


def _site(head: _Head) -> str | None:
    publisher = head.article.get("publisher")
    name = publisher.get("name") if isinstance(publisher, dict) else publisher
    declared = _plain(head.meta.get("og:site_name")) or _plain(name) or _plain(head.meta.get("application-name"))
    return declared[:120] if declared else None


def _canonical(head: _Head) -> str | None:
    """The address the page calls its own, if it is on the same host and not merely the front page."""
    link = next((element.get("href") for element in head.tree.iter("link") if element.get("rel") == "canonical"), None)
    found = _absolute(head.url, link or head.meta.get("og:url"))
    if not found or _bare_host(found) != _bare_host(head.url):
        return None
    return found if urlsplit(found).path.strip("/") or not urlsplit(head.url).path.strip("/") else None


def _bare_host(url: str) -> str:
    return re.sub(r"^(www|m|amp)\.", "", urlsplit(url).hostname or "")


def _absolute(base: str, found: str | None) -> str | None:
    if not found:
        return None
    try:
        url = urljoin(base, found.strip())
        usable = urlsplit(url).scheme in {"http", "https"} and bool(urlsplit(url).hostname)
    except ValueError:
        return None
    return url if usable and len(url) <= 2000 else None


def _plain(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    text = TAG.sub("", unescape(value)) if "<" in value or "&" in value else value
    return SPACE.sub(" ", text).strip()[:1000] or None
