"""The sample's HTML pages: each outlet has its own markup, so that extraction has real work to do."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from string import Template

from stonehand.sample.content import SampleArticle, articles
from stonehand.sample.edition import Edition
from stonehand.sample.outlets import BROKEN, NOTICE, OUTLETS, SLOW, Outlet, outlets

FOLDER = Path(__file__).with_name("templates")


@cache
def _template(name: str) -> Template:
    return Template((FOLDER / name).read_text(encoding="utf-8"))


def _date(moment: datetime, language: str) -> str:
    if language == "de":
        return f"{moment:%d.%m.%Y, %H:%M} Uhr"
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def _links(edition: Edition, found: list[SampleArticle]) -> str:
    return "\n".join(f'<li><a href="{edition.url(one)}">{escape(one.title)}</a></li>' for one in found)


def _alternate(edition: Edition, outlet: Outlet) -> str:
    if outlet.feed == "sitemap.xml":
        return f'<link rel="sitemap" type="application/xml" href="{edition.feed(outlet)}">'
    media_type = outlet.media_type.partition(";")[0].replace("text/xml", "application/rss+xml")
    return f'<link rel="alternate" type="{media_type}" title="{escape(outlet.label)}" href="{edition.feed(outlet)}">'


def _shell(edition: Edition, outlet: Outlet, *, title: str, language: str, head: str, main: str) -> str:
    return _template(f"{outlet.slug}.html").substitute(
        title=escape(title),
        language=language,
        head=f"{_alternate(edition, outlet)}\n{head}",
        main=main,
        notice=NOTICE,
        name=escape(outlet.name),
        tagline=escape(outlet.tagline),
        home=edition.home(outlet),
        index=f"{edition.address}/",
        latest=_links(edition, edition.of(outlet)[:5]),
    )


def _linked_data(edition: Edition, article: SampleArticle) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": edition.published(article).isoformat(),
        "dateModified": edition.updated(article).isoformat(),
        "author": {"@type": "Person", "name": article.author},
    }
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def _article_head(edition: Edition, article: SampleArticle) -> str:
    published = edition.published(article).isoformat()
    tags = [
        f'<link rel="canonical" href="{edition.url(article)}">',
        f'<meta name="description" content="{escape(article.summary)}">',
        f'<meta name="author" content="{escape(article.author)}">',
        '<meta property="og:type" content="article">',
        f'<meta property="og:title" content="{escape(article.title)}">',
        f'<meta property="og:site_name" content="{escape(OUTLETS[article.outlet].label)}">',
        f'<meta property="article:published_time" content="{published}">',
    ]
    if article.outlet == "harbour-gazette":
        tags.append(_linked_data(edition, article))
    return "\n".join(tags)


def _body(outlet: Outlet, article: SampleArticle) -> str:
    paragraphs = "\n".join(outlet.paragraph.format(escape(text, quote=False)) for text in article.paragraphs)
    if not article.hidden:
        return paragraphs
    hidden = escape(article.hidden)
    return f'{paragraphs}\n<div style="display:none" aria-hidden="true"><p>{hidden}</p></div>\n<!-- {hidden} -->'


def article_page(edition: Edition, article: SampleArticle) -> str:
    """The page of one article, with all that sites put around an article."""
    outlet = OUTLETS[article.outlet]
    siblings = [one for one in edition.of(outlet) if one is not article]
    published = edition.published(article)
    main = _template(f"{outlet.slug}.article.html").substitute(
        title=escape(article.title),
        summary=escape(article.summary),
        author=escape(article.author),
        section=escape(article.section),
        date=_date(published, outlet.language),
        iso=published.isoformat(),
        body=_body(outlet, article),
        related=_links(edition, siblings[-4:]),
        home=edition.home(outlet),
    )
    title = f"{article.title} - {outlet.label}"
    head = _article_head(edition, article)
    return _shell(edition, outlet, title=title, language=article.language, head=head, main=main)


def front_page(edition: Edition, outlet: Outlet) -> str:
    """An outlet's front page: every article with its summary."""
    teasers = "\n".join(
        f'<h2><a href="{edition.url(article)}">{escape(article.title)}</a></h2>\n'
        f"<p>{escape(article.summary)} <small>{_date(edition.published(article), outlet.language)}</small></p>"
        for article in edition.of(outlet)
    )
    return _shell(edition, outlet, title=outlet.label, language=outlet.language, head="", main=teasers)


def index_page(edition: Edition) -> str:
    """What this is, which outlets there are, and what to add as sources."""
    rows = "\n".join(
        f'<tr><td><a href="{edition.home(outlet)}">{escape(outlet.name)}</a></td><td>{escape(outlet.tagline)}</td>'
        f'<td><a href="{edition.feed(outlet)}">{outlet.feed}</a></td><td>{len(edition.of(outlet))}</td></tr>'
        for outlet in OUTLETS.values()
    )
    sources = "\n".join(outlets(edition.address))
    return _template("index.html").substitute(
        notice=NOTICE,
        count=len(articles()),
        rows=rows,
        sources=escape(sources),
        broken=f"{edition.address}/{BROKEN}",
        slow=f"{edition.address}/{SLOW}",
        opml=f"{edition.address}/outlets.opml",
    )
