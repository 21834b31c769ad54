"""What a page says about itself: JSON-LD first, then OpenGraph and its kin, then what can be guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.etree import XPath
from lxml.html import HtmlElement

from stonehand.articles import bylines, dates, declared
from stonehand.articles.bylines import Piece
from stonehand.articles.dates import Moment
from stonehand.articles.declared import Head, ld, plain
from stonehand.articles.origins import Datum
from stonehand.articles.words import words

ALIKE = 0.6  # of the words of the shorter of title and heading; 0.3 to 0.7 choose almost the same headings
TITLE_KEYS = ("og:title", "twitter:title", "parsely-title", "dc.title", "citation_title")
AUTHOR_KEYS = (
    *("citation_author", "citation_authors", "author", "byl", "parsely-author", "sailthru.author", "dc.creator"),
    *("dcterms.creator", "article:author", "og:article:author", "twitter:creator:name"),
)
FILLINGS = {"admin", "administrator", "null", "none", "system", "undefined", "unknown", "author", "guest"}
LAST_NAMES_FIRST = {"citation_author", "citation_authors", "dc.creator"}
AUTHOR_LABELS = tuple(f"label:{each}" for each in ("written by", "author", "by", "interview by", "von", "verfasst von"))
DATE_KEYS = (
    *("article:published_time", "og:published_time", "datepublished", "parsely-pub-date", "sailthru.date"),
    *("publishdate", "pubdate", "publish-date", "dc.date.issued", "dcterms.created", "citation_publication_date"),
    *("published", "publish_date", "pub_date", "datecreated", "dc.date", "dcterms.date", "dc.date.created"),
    *("citation_date", "citation_online_date", "date"),
)
MARKED_DATES: Any = XPath(
    "//body//*[contains(@itemprop, 'datePublished') or contains(@itemprop, 'dateCreated') or self::time[@pubdate]]"
)
DATED_PATH = re.compile(r"/(?:19|20)\d\d[/-](?:0?[1-9]|1[0-2]|[a-z]{3,9})(?:[/-]|$)", re.IGNORECASE)
LICENCE_KEYS = ("dcterms.license", "dc.license", "license", "dcterms.rights", "dc.rights")
SEPARATED = re.compile(r"\s+[|–—·»-]\s")
LICENCES: Any = XPath("//*[self::a or self::link][@rel='license' or contains(@href, 'creativecommons.org/')]/@href")
COMMONS = re.compile(
    r"creativecommons\.org/(?:licenses/([a-z-]+)/(\d\.\d)|publicdomain/(zero|mark)/(\d\.\d))", re.IGNORECASE
)
BYLINE = re.compile(r"^(?:(?:written|words|text|story)\s+by|by|von|par|por)[\s:]+", re.IGNORECASE)
Beside = Callable[[], Sequence[Piece]]
"""The texts beside the headline, looked for only if somebody asks."""


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
    title = _title(head, site.value if site else None)
    beside = cache(lambda: bylines.around(tree, title.value if title else None))
    description = head.first("og:description", "description", "twitter:description")
    return Metadata(
        title=title,
        author=_author(head, site.value if site else None, beside),
        published=_published(head, latest) or fed or _shown_date(head, latest, beside),
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
    if heading := _heading(head.tree, title.value):
        return replace(title, value=heading)
    return replace(title, value=_without_host(_without_site(title.value, site), head.url))


def _heading(tree: HtmlElement, title: str) -> str | None:
    """The heading that readers see, if it says about what the page declares: others add `| Section | Outlet`."""
    wanted = words(title)
    shown = [found for each in islice(tree.iter("h1"), 6) if (found := plain(each.text_content()))]
    for heading in sorted(shown, key=lambda each: -_shared(words(each), wanted)):
        if title.startswith(heading) and (len(title) == len(heading) or SEPARATED.match(title, len(heading))):
            return heading
        said = words(heading)
        return heading if len(said) > 2 and _shared(said, wanted) >= ALIKE else None
    return None


def _shared(some: Sequence[str], others: Sequence[str]) -> float:
    """Which part of the shorter one's words both have, 0 to 1."""
    one, other = set(some), set(others)
    return len(one & other) / max(min(len(one), len(other)), 1)


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


def _author(head: Head, site: str | None, beside: Beside) -> Datum[str] | None:
    """Who wrote it: the first place that names a person, else the first that names anybody."""
    weak: Datum[str] | None = None
    for place in _places(head, beside):
        names = dict.fromkeys(name for each in place.value if (name := _name(each)))
        if not names:
            continue
        found = Datum(", ".join(names)[:300], place.origin)
        if not all(_is_weak(name, site) for name in names):
            return found
        weak = weak or found
    return weak


def _places(head: Head, beside: Beside) -> Iterator[Datum[list[str]]]:
    yield Datum(list(_people(head, head.article.get("author"))), "json-ld")
    for key in (*AUTHOR_KEYS, *AUTHOR_LABELS):
        if found := head.every(key):
            yield replace(found, value=[_turned(each) for each in found.value]) if key in LAST_NAMES_FIRST else found
    yield Datum(list(_people(head, head.post.get("author"))), "json-ld")
    for shown in (bylines.named(head.tree), bylines.author(beside())):
        yield Datum([shown] if shown else [], "byline")


def _turned(name: str) -> str:
    """`Quill, Ada` as `Ada Quill`."""
    last, comma, first = name.partition(", ")
    return f"{first} {last}" if comma and "," not in first else name


def _people(head: Head, value: Any) -> Iterator[str]:
    for item in map(head.node, value if isinstance(value, list) else [value]):
        name = item.get("name") if isinstance(item, dict) else item
        for one in name if isinstance(name, list) else [name]:
            if found := plain(one):
                yield found


def _name(written: str) -> str | None:
    """A name without what is no part of it; None if it is an address, a number or what software fills in."""
    name = SEPARATED.split(BYLINE.sub("", written), maxsplit=1)[0].strip(" ,;|")
    is_address = "://" in name or "@" in name or name.startswith("www.")
    is_filling = name.isdecimal() or name.casefold() in FILLINGS
    return None if is_address or is_filling or not 1 < len(name) < 120 else name


def _is_weak(name: str, site: str | None) -> bool:
    """Whether it may be no person: the outlet itself, or the name of an account."""
    return name.casefold() == (site or "").casefold() or (name.islower() and " " not in name)


def _published(head: Head, latest: datetime) -> Datum[Moment] | None:
    found = (Datum(dates.parse(each.value, latest), each.origin) for each in _declared_dates(head))
    return next((Datum(each.value, each.origin) for each in found if each.value), None)


def _declared_dates(head: Head) -> list[Datum[str]]:
    article, post = head.article, head.post
    written = [ld(article.get("datePublished")), ld(article.get("dateCreated")), head.first(*DATE_KEYS)]
    marked = [Datum(each, "html") for each in _marked_dates(head.tree)]
    asked = [ld(post.get("datePublished")), ld(post.get("dateCreated")), ld(head.page.get("datePublished"))]
    return [each for each in (*written, *marked, *asked) if each]


def _marked_dates(tree: HtmlElement) -> Iterator[str]:
    """What microdata calls the day of publication, first that of the page, which stands first."""
    for element in MARKED_DATES(tree)[:3]:
        yield element.get("datetime") or element.get("content") or element.text_content()[:100]


def _shown_date(head: Head, latest: datetime, beside: Beside) -> Datum[Moment] | None:
    """The day beside the headline, else what can be guessed of a page that may be an article."""
    if any(dates.parse(each.value, dates.LAST) for each in _declared_dates(head)):
        return None  # it declares a day that has not come; a guess would only be a piece of that
    if moment := bylines.published(beside(), latest):
        return Datum(moment, "byline")
    return _guessed_date(head, latest) if _is_article(head) else None


def _is_article(head: Head) -> bool:
    """Whether a page calls itself an article. Of shops, services and manuals a guess is mostly wrong."""
    kind = head.first("og:type")
    return bool(head.article or head.post or (kind and "article" in kind.value.lower()) or DATED_PATH.search(head.url))


def _guessed_date(head: Head, latest: datetime) -> Datum[Moment] | None:
    from htmldate import find_date  # noqa: PLC0415  as in extraction

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
    found = _absolute(head.url, link or next(iter(head.meta.get("og:url", ())), None))
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
