"""From whatever somebody gives us to the sources it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from stonehand.http_client import PageMissing
from stonehand.sources import intake
from stonehand.sources.contract import things
from stonehand.sources.errors import FileUnreadable, NothingFound, OpmlMalformed
from tests.lookalikes import services
from tests.sources.conftest import Site, feed

pytestmark = pytest.mark.usefixtures("database")
LISTS = b"<opml><body><outline xmlUrl='https://a.example/rss' text='A'/><outline xmlUrl='https://b.example/rss'/></body></opml>"


def test_a_feed_is_itself(site: Site) -> None:
    (found,) = intake.identify(site.put("/rss", feed(1, 2)))
    assert found.sentence == "an RSS feed of 2 entries: ‘News’"


def test_a_site_becomes_the_feed_it_offers(site: Site) -> None:
    site.put("/posts", feed(1, title="Posts"))
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="{path}">' for path in ("/gone", "/posts"))
    (found,) = intake.identify(site.put("/", f"<html><title>Site</title>{links}</html>"))
    assert (found.what, found.url) == ("feed", site.url + "/posts")
    assert found.sentence == "a site with an RSS feed of 1 entry: ‘Posts’; it offers 1 other feed as well"


def test_a_site_that_mentions_no_feed_is_searched(site: Site) -> None:
    site.put("/feed.xml", feed(1))
    (found,) = intake.identify(site.put("/", "<html><title>Site</title></html>"))
    assert found.url == site.url + "/feed.xml"


def test_a_sitemap_is_the_last_resort(site: Site) -> None:
    site.put("/robots.txt", f"Sitemap: {site.url}/my-map.xml")
    site.put("/my-map.xml", "<urlset><url><loc>/1</loc></url></urlset>")
    (found,) = intake.identify(site.put("/", "<html><title>Site</title></html>"))
    assert (found.kind, found.title) == ("sitemap", "Site")
    assert found.sentence == "a site with a sitemap of 1 page"


def test_a_site_with_nothing_says_what_to_do(site: Site) -> None:
    with pytest.raises(NothingFound, match="give the address of its feed"):
        intake.identify(site.put("/", "<html><title>Site</title></html>"))
    with pytest.raises(PageMissing):
        intake.identify(site.url + "/nothing")


def test_a_page_within_a_site_without_feeds_is_a_single_page(site: Site) -> None:
    (found,) = intake.identify(site.put("/deep/page", "<html><title>Short</title><p>Hello</p></html>"))
    assert (found.kind, found.sentence) == ("pages", "a single page: ‘Short’")


def test_a_list_within_a_site_says_that_it_can_be_followed(site: Site) -> None:
    url = site.put("/news", services.front_page(things(1, 2, 3, 4, 5, 6)), Content_Type="text/html")
    (found,) = intake.identify(url)
    assert found.kind == "pages"
    assert "; 6 things repeat in it: to follow it, add it as a watched page" in found.sentence


def test_an_article_is_itself(site: Site) -> None:
    url = site.put(
        "/a", '<html><title>T</title><meta property="og:type" content="article"></html>', Content_Type="text/html"
    )
    (found,) = intake.identify(url)
    assert (found.kind, found.sentence) == ("pages", "an article: ‘T’")


def test_an_opml_address_becomes_its_feeds(site: Site) -> None:
    found = intake.identify(site.put("/list.opml", LISTS))
    assert [each.url for each in found] == ["https://a.example/rss", "https://b.example/rss"]
    assert found[0].sentence == f"a feed listed in {site.url}/list.opml: ‘A’"


def test_files_are_read_only_where_they_are_allowed(tmp_path: Path, site: Site) -> None:
    path = tmp_path / "feeds.xml"
    path.write_bytes(LISTS)
    assert len(intake.identify(str(path), files=True)) == 2
    with pytest.raises(Exception, match=r"address|host") as caught:
        intake.identify(str(path))
    assert not isinstance(caught.value, FileUnreadable)
    with pytest.raises(FileUnreadable, match="No such file"):
        intake.identify(str(tmp_path / "missing.opml"), files=True)
    with pytest.raises(FileUnreadable, match="directory"):
        intake.identify(str(tmp_path), files=True)
    path.write_text("<rss/>")
    with pytest.raises(OpmlMalformed):
        intake.identify(str(path), files=True)
    path.write_text("<opml/>")
    with pytest.raises(NothingFound, match="names no feed"):
        intake.identify(str(path), files=True)
