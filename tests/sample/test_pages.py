"""Pages carry the mark of the sample, and an article can be extracted from all that surrounds it."""

from __future__ import annotations

import pytest
import trafilatura

from stonehand.sample.content import articles
from stonehand.sample.edition import Edition
from stonehand.sample.outlets import NOTICE, OUTLETS
from stonehand.sample.pages import article_page, front_page, index_page

CLUTTER = ("cookie", NOTICE.lower(), "newsletter", "subscribe", "impressum", "system notice")


def test_every_page_says_that_it_is_simulated(edition: Edition) -> None:
    pages = [article_page(edition, article) for article in articles()]
    pages += [front_page(edition, outlet) for outlet in OUTLETS.values()]
    pages.append(index_page(edition))
    for page in pages:
        assert NOTICE in page
        assert '<meta name="robots" content="noindex">' in page
        assert "$" not in page
    assert all("cookie" in page.lower() for page in pages[:-1])


@pytest.mark.parametrize("slug", OUTLETS)
def test_extraction_finds_the_text_and_leaves_the_clutter(edition: Edition, slug: str) -> None:
    clean = []
    found = edition.of(OUTLETS[slug])
    for article in found:
        page = article_page(edition, article)
        text = " ".join((trafilatura.extract(page, url=edition.url(article)) or "").split())
        assert all(" ".join(paragraph.split()) in text for paragraph in article.paragraphs), article.slug
        clean.append(not any(word in text.lower() for word in CLUTTER))
    assert sum(clean) >= 0.9 * len(clean)


def test_hidden_orders_are_in_the_page_but_not_to_be_seen(edition: Edition) -> None:
    hostile = next(article for article in articles() if article.hidden)
    page = article_page(edition, hostile)
    assert f'<div style="display:none" aria-hidden="true"><p>{hostile.hidden}</p></div>' in page
    assert f"<!-- {hostile.hidden} -->" in page


def test_front_page_can_be_discovered_from(edition: Edition) -> None:
    outlet = OUTLETS["altenquell-anzeiger"]
    page = front_page(edition, outlet)
    assert '<link rel="alternate" type="application/rss+xml"' in page
    assert f'href="{edition.feed(outlet)}"' in page
    assert all(edition.url(article) in page for article in edition.of(outlet))
