"""What a page says about itself: JSON-LD first, then OpenGraph and its kin, then what can be guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from stonehand.articles import dates, declared
from stonehand.articles.dates import Moment
from stonehand.articles.declared import Head, ld, plain
from stonehand.articles.origins import Datum

TITLE_KEYS = ("og:title", "twitter:title", "parsely-title", "dc.title", "citation_title")
AUTHOR_KEYS = ("author", "byl", "parsely-author", "sailthru.author", "dc.creator", "citation_author", "article:author")
DATE_KEYS = (
    *("article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date"),
    *("publishdate", "pubdate", "publish-date", "dc.date.issued", "dcterms.created", "citation_publication_date"),
)
LICENCE_KEYS = ("dcterms.license", "dc.license", "license", "dcterms.rights", "dc.rights")
SEPARATED = re.compile(r"\s+[|–—·»-]\s")
BYLINES: Any = XPath(
    "//body//*[@rel='author' or @itemprop='author' or contains(@class, 'byline') or contains(@class, 'author')"
    " or contains(@class, 'username')]"
)
LICENCES: Any = XPath("//*[self::a or self::link][@rel='license' or contains(@href, 'creativecommons.org/')]/@href")
COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/(zero|mark)/(\d\.\d))", re.IGNORECASE
)
NAME = re.compile(r"(?:[^\W\d_][\w.'’-]*\s){1,3}[^\W\d_][\w.'’-]*")
NICK = re.compile(rf"{NAME.pattern}|\w[\w.-]{{1,30}}")
BYLINE = re.compile(r"^(?:(?:written|words|text|story)\s+by|by|von|par|por)[\s:]+", re.IGNORECASE)


@dataclass(frozen=True)
class Metadata:
    """What the page declares; None where it says nothing."""

    title: Datum[str] | None
    author: Datum[str] | None
    published: Datum[Moment] | None
    language: Datum[str] | None
    image: Datum[str] | None
    site: Datum[str] | None
    licence: Datum[str] | None
    canonical_url: str | None
    description: str | None


def read(tree: HtmlElement, url: str, latest: datetime, known: Moment | None = None) -> Metadata:
    """Everything that `tree`, fetched from `url`, declares. No date after `latest` is believed.

    `known` is the date that a feed gave; it is preferred to a guess, and the page's own declaration to both.
    """
    head = declared.head(tree, url)
    site = _site(head)
    fed = Datum(known, "feed") if known else None
    description = head.first("og:description", "description", "twitter:description")
    return Metadata(
        title=_title(head, site.value if site else None),
        author=_author(head, site.value if site else None),
        published=_published(head, latest) or fed or _guessed_date(head, latest),
        language=_language(head),
        image=_image(head),
        site=site,
        licence=_licence(head),
        canonical_url=_canonical(head),
        description=description.value if description else None,
    )


def _title(head: Head, site: str | None) -> Datum[str] | None:
    from trafilatura.metadata import extract_title  # noqa: PLC0415  as in extraction

    title = ld(head.article.get("headline")) or head.first(*TITLE_KEYS)
    if title is None and (shown := plain(extract_title(head.tree))):
        title = Datum(shown, "html")
    if title is None:
        return None
    for heading in islice(head.tree.iter("h1"), 3):  # `Heading | Section | Outlet` is the heading
        shown = plain(heading.text_content())
        if shown and title.value.startswith(shown) and SEPARATED.match(title.value, len(shown)):
            return replace(title, value=shown)
    return replace(title, value=_without_host(_without_site(title.value, site), head.url))


def _without_host(title: str, url: str) -> str:
    """`Title | Punto Rojo` of puntorojo.com without its last part."""
    cut = max((found for found in SEPARATED.finditer(title)), key=lambda found: found.start(), default=None)
    if cut is None:
        return title
    named = re.sub(r"[\W_]", "", title[cut.end() :].casefold())
    return title[: cut.start()] if len(named) > 2 and named in _bare_host(url).replace("-", "") else title


def _without_site(title: str, site: str | None) -> str:
    """`Title | Outlet` and `Outlet - Title` without the outlet."""
    if not site:
        return title
    name = re.escape(site)
    return re.sub(rf"\s+[|–—·»-]\s+{name}\s*$|^\s*{name}\s+[|–—·«:-]\s+", "", title, flags=re.IGNORECASE) or title


def _author(head: Head, site: str | None) -> Datum[str] | None:
    """Who wrote it, from the first place that names a person."""
    named = head.first(*AUTHOR_KEYS)
    places = (
        Datum(list(dict.fromkeys(_people(head.article.get("author")))), "json-ld"),
        Datum([named.value], named.origin) if named else Datum([], "meta"),
        Datum(list(islice(_bylines(head.tree), 1)), "byline"),
    )
    place = next((place for place in places if place.value), None)
    if place is None:
        return None
    names = [BYLINE.sub("", name) for name in place.value if _is_name(name, site)]
    return Datum(", ".join(names)[:300], place.origin) if names else None


def _bylines(tree: HtmlElement) -> Iterator[str]:
    """Names that stand alone in an element which calls itself a byline; in forums they may be of one word."""
    for element in BYLINES(tree)[:8]:
        text = BYLINE.sub("", plain(element.text_content()[:300]) or "")
        called = element.get("rel") == "author" or "username" in (element.get("class") or "")
        if (NICK if called else NAME).fullmatch(text):
            yield text


def _people(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        name = item.get("name") if isinstance(item, dict) else item
        for one in name if isinstance(name, list) else [name]:
            if found := plain(one):
                yield found


def _is_name(name: str, site: str | None) -> bool:
    is_address = "://" in name or "@" in name or name.startswith("www.")
    return not is_address and len(name) < 120 and name.casefold() not in {(site or "").casefold(), "admin", "null"}


def _published(head: Head, latest: datetime) -> Datum[Moment] | None:
    found = (Datum(dates.parse(each.value, latest), each.origin) for each in _declared_dates(head))
    return next((Datum(each.value, each.origin) for each in found if each.value), None)


def _declared_dates(head: Head) -> list[Datum[str]]:
    article = head.article
    written = [ld(article.get("datePublished")), ld(article.get("dateCreated")), head.first(*DATE_KEYS)]
    return [each for each in (*written, ld(head.page.get("datePublished"))) if each]


def _guessed_date(head: Head, latest: datetime) -> Datum[Moment] | None:
    from htmldate import find_date  # noqa: PLC0415  as in extraction

    if any(dates.parse(each.value, dates.LAST) for each in _declared_dates(head)):
        return None  # it declares a day that has not come; a guess would only be a piece of that
    try:
        guess = find_date(head.tree, extensive_search=False, original_date=True, url=head.url, max_date=latest)
    except (ValueError, TypeError, RecursionError, AttributeError):  # what strange pages do to it
        return None
    return Datum(moment, "guess") if (moment := dates.parse(guess, latest)) else None


def _language(head: Head) -> Datum[str] | None:
    html = head.tree.get("lang") if head.tree.tag == "html" else None
    written = (Datum(html, "html") if html else None) or head.first("og:locale") or ld(head.article.get("inLanguage"))
    if written is None:
        return None
    primary = re.split(r"[-_]", written.value.strip().lower())[0]
    return replace(written, value=primary) if re.fullmatch(r"[a-z]{2,3}", primary) else None


def _image(head: Head) -> Datum[str] | None:
    image = head.article.get("image")
    first = image[0] if isinstance(image, list) and image else image
    written = head.first("og:image", "twitter:image") or ld(first.get("url") if isinstance(first, dict) else first)
    url = _absolute(head.url, written.value) if written else None
    return Datum(url, written.origin) if written and url else None


def _site(head: Head) -> Datum[str] | None:
    publisher = head.article.get("publisher")
    name = publisher.get("name") if isinstance(publisher, dict) else publisher
    found = head.first("og:site_name") or ld(name) or head.first("application-name")
    return replace(found, value=found.value[:120]) if found else None


def _licence(head: Head) -> Datum[str] | None:
    """Under which licence it says it stands: `CC BY-SA 4.0`, or an address or words as they are given."""
    linked = (Datum(str(href), "html") for href in LICENCES(head.tree))
    written = ld(head.article.get("license")) or ld(head.page.get("license")) or head.first(*LICENCE_KEYS)
    found = written or next(iter(linked), None)
    return replace(found, value=_licence_name(found.value)[:200]) if found else None


def _licence_name(written: str) -> str:
    commons = COMMONS.search(written)
    if not commons:
        return written
    terms, version, domain, domain_version = commons.groups()
    if terms:
        return f"CC {terms.upper()} {version}"
    return f"CC0 {domain_version}" if domain.lower() == "zero" else f"Public Domain Mark {domain_version}"


def _canonical(head: Head) -> str | None:
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
