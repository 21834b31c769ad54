"""The sample's feeds: RSS with full text or summaries, Atom, JSON Feed, a sitemap, and one that is broken."""

from __future__ import annotations

import json
from email.utils import format_datetime
from html import escape

from stonehand.sample.content import SampleArticle
from stonehand.sample.edition import Edition
from stonehand.sample.outlets import NOTICE, OUTLETS, Outlet, outlets

GENERATOR = "Stonehand sample newsroom (simulator)"


def _html(article: SampleArticle) -> str:
    return "\n".join(f"<p>{escape(text, quote=False)}</p>" for text in article.paragraphs)


def _rss_item(edition: Edition, article: SampleArticle, full: bool, tracked: bool) -> str:
    url = edition.url(article)
    link = f"{url}?utm_source=rss&utm_medium=feed" if tracked else url
    content = f"<content:encoded>{escape(_html(article))}</content:encoded>" if full else ""
    return f"""<item>
<title>{escape(article.title)}</title>
<link>{escape(link)}</link>
<guid isPermaLink="{str(not tracked).lower()}">{escape(article.slug if tracked else url)}</guid>
<dc:creator>{escape(article.author)}</dc:creator>
<category>{escape(article.section)}</category>
<pubDate>{format_datetime(edition.published(article))}</pubDate>
<description>{escape(article.summary)}</description>
{content}</item>"""


def rss(
    edition: Edition,
    outlet: Outlet,
    *,
    feed: str = "main",
    full: bool = False,
    tracked: bool = False,
    encoding: str = "utf-8",
) -> str:
    """RSS 2.0; `full` adds the text of every item, `tracked` adds to links what marketing departments add."""
    items = "\n".join(_rss_item(edition, article, full, tracked) for article in edition.of(outlet, feed))
    title = outlet.label if feed == "main" else f"{outlet.label}: {feed}"
    return f"""<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<title>{escape(title)}</title>
<link>{edition.home(outlet)}</link>
<description>{escape(outlet.tagline)}. {NOTICE}</description>
<language>{outlet.language}</language>
<generator>{GENERATOR}</generator>
<lastBuildDate>{format_datetime(edition.changed(outlet, feed))}</lastBuildDate>
{items}
</channel>
</rss>
"""


def atom(edition: Edition, outlet: Outlet) -> str:
    """Atom 1.0 with the full text."""
    entries = "\n".join(
        f"""<entry>
<id>{edition.url(article)}</id>
<title>{escape(article.title)}</title>
<link rel="alternate" type="text/html" href="{edition.url(article)}"/>
<author><name>{escape(article.author)}</name></author>
<category term="{escape(article.section)}"/>
<published>{edition.published(article).isoformat()}</published>
<updated>{edition.updated(article).isoformat()}</updated>
<summary>{escape(article.summary)}</summary>
<content type="html">{escape(_html(article))}</content>
</entry>"""
        for article in edition.of(outlet)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{outlet.language}">
<id>{edition.home(outlet)}</id>
<title>{escape(outlet.label)}</title>
<subtitle>{escape(outlet.tagline)}. {NOTICE}</subtitle>
<link rel="self" type="application/atom+xml" href="{edition.feed(outlet)}"/>
<link rel="alternate" type="text/html" href="{edition.home(outlet)}"/>
<generator>{GENERATOR}</generator>
<updated>{edition.changed(outlet).isoformat()}</updated>
{entries}
</feed>
"""


def json_feed(edition: Edition, outlet: Outlet) -> str:
    """JSON Feed 1.1 with the full text."""
    items = [
        {
            "id": edition.url(article),
            "url": edition.url(article),
            "title": article.title,
            "summary": article.summary,
            "content_html": _html(article),
            "date_published": edition.published(article).isoformat(),
            "date_modified": edition.updated(article).isoformat(),
            "authors": [{"name": article.author}],
            "tags": [article.section],
            "language": article.language,
        }
        for article in edition.of(outlet)
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": outlet.label,
        "description": f"{outlet.tagline}. {NOTICE}",
        "user_comment": GENERATOR,
        "home_page_url": edition.home(outlet),
        "feed_url": edition.feed(outlet),
        "language": outlet.language,
        "items": items,
    }
    return json.dumps(feed, ensure_ascii=False, indent=1)


def sitemap(edition: Edition, outlet: Outlet) -> str:
    """A sitemap with the news extension."""
    urls = "\n".join(
        f"""<url>
<loc>{edition.url(article)}</loc>
<lastmod>{edition.updated(article).isoformat()}</lastmod>
<news:news>
<news:publication><news:name>{escape(outlet.label)}</news:name><news:language>{article.language}</news:language></news:publication>
<news:publication_date>{edition.published(article).isoformat()}</news:publication_date>
<news:title>{escape(article.title)}</news:title>
</news:news>
</url>"""
        for article in edition.of(outlet)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<!-- {NOTICE} -->
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
{urls}
</urlset>
"""


def broken(edition: Edition, outlet: Outlet) -> str:
    """An RSS feed as a crashed exporter leaves it: a tag that nobody closed, then nothing."""
    return f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0">
<channel>
<title>{outlet.label}: what's on</title>
<link>{edition.home(outlet)}</link>
<description>{NOTICE} This feed is broken on purpose.
<item>
<title>Fish & Chips Supper at the Lifeboat Sta"""


def opml(edition: Edition) -> str:
    """Every source of the sample as OPML 2.0."""
    outlines = "\n".join(
        f'<outline type="rss" text="{escape(url.removeprefix(edition.address + "/"))}" xmlUrl="{escape(url)}"/>'
        for url in outlets(edition.address)
    )
    return f"""<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
<head><title>Stonehand sample newsroom: {len(OUTLETS)} simulated outlets</title></head>
<body>
{outlines}
</body>
</opml>
"""
